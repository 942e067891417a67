-- What a real test found: clients of the seed experiments, treated and control, before and during the test. The outcome is what a
-- client earns a day, over all channels; the days before are as many as the test has.
--
-- difference_in_differences compares how much the arms changed (Card and Krueger 1994). cuped compares them during the test, less what
-- the time before foretells: y - theta * (x - mean x), theta = cov(x, y) / var(x) (Deng, Xu, Kohavi and Walker 2013).
-- Both have one number a client, Welch's standard error, and Student's t.
with units as (
    select distinct
        experiment,
        client_id,
        arm,
        start_date,
        end_date,
        {{ days_between('start_date', 'end_date') }} + 1 as days
    from {{ ref('experiments') }}
),

outcomes as (
    select
        units.experiment,
        units.client_id,
        units.arm,
        coalesce(sum(case when revenue.date >= units.start_date then revenue.revenue_cents end), 0) / max(units.days) as y,
        coalesce(sum(case when revenue.date < units.start_date then revenue.revenue_cents end), 0) / max(units.days) as x
    from units
    left join {{ ref('client_days') }} as revenue
        on revenue.client_id = units.client_id
        and revenue.date <= units.end_date
        and {{ days_between('revenue.date', 'units.start_date') }} <= units.days
    group by
        units.experiment,
        units.client_id,
        units.arm
),

adjustments as (
    select
        experiment,
        avg(x) as mean_x,
        coalesce(covar_samp(x, y) / nullif(var_samp(x), 0), 0) as theta
    from outcomes
    group by
        experiment
),

measured as (
    select
        experiment,
        'difference_in_differences' as method,
        arm,
        y - x as measure,
        y
    from outcomes

    union all

    select
        outcomes.experiment,
        'cuped' as method,
        outcomes.arm,
        outcomes.y - adjustments.theta * (outcomes.x - adjustments.mean_x) as measure,
        outcomes.y
    from outcomes
    inner join adjustments on adjustments.experiment = outcomes.experiment
),

arms as (
    select
        experiment,
        method,
        sum(case when arm = 'treatment' then 1 else 0 end) as n_treatment,
        sum(case when arm = 'control' then 1 else 0 end) as n_control,
        avg(case when arm = 'treatment' then measure end) as mean_treatment,
        avg(case when arm = 'control' then measure end) as mean_control,
        avg(case when arm = 'treatment' then y end) as outcome_treatment,
        var_samp(case when arm = 'treatment' then measure end) / nullif(sum(case when arm = 'treatment' then 1 else 0 end), 0)
            as square_treatment,
        var_samp(case when arm = 'control' then measure end) / nullif(sum(case when arm = 'control' then 1 else 0 end), 0)
            as square_control
    from measured
    group by
        experiment,
        method
),

estimates as (
    select
        *,
        mean_treatment - mean_control as diff,
        sqrt(square_treatment + square_control) as se,
        power(square_treatment + square_control, 2) / nullif(
            power(square_treatment, 2) / nullif(n_treatment - 1, 0) + power(square_control, 2) / nullif(n_control - 1, 0), 0
        ) as degrees,
        case when n_treatment >= 5 and n_control >= 5 then 1 else 0 end as is_enough
    from arms
),

intervals as (
    select
        *,
        {{ t_quantile('degrees') }} * se as margin
    from estimates
)

select
    experiment,
    method,
    n_treatment,
    n_control,
    round(outcome_treatment / 100, 2) as mean_treatment,
    round((outcome_treatment - diff) / 100, 2) as mean_without_treatment,
    {%- set enough = 'case when is_enough = 1 then ' %}
    {{ enough }}round(diff / 100, 2) end as diff,
    {{ enough }}round(100 * diff / nullif(outcome_treatment - diff, 0), 4) end as lift_pct,
    {{ enough }}round(se / 100, 4) end as se,
    {{ enough }}round((diff - margin) / 100, 2) end as ci_low,
    {{ enough }}round((diff + margin) / 100, 2) end as ci_high,
    {{ enough }}{{ two_sided_p(t_to_normal('(diff / nullif(se, 0))', 'degrees')) }} end as p_value,
    case
        when is_enough = 0 then 'insufficient_control'
        when diff - margin > 0 then 'higher'
        when diff + margin < 0 then 'lower'
        else 'no_difference_found'
    end as verdict,
    case
        when is_enough = 0 then 'fewer than 5 clients in an arm'
        when method = 'cuped' then 'holds if the arms were drawn by lot'
        else 'holds if the arms would have changed alike without the test'
    end as caveat
from intervals

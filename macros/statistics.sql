{#
    What the lift models need of statistics and SQL does not have. Each is an expression over columns.
#}

{#
    The probability of a normal draw that far from 0 or further, on either side. Abramowitz and Stegun, Handbook of Mathematical
    Functions (1964), 26.2.17; the error is below 1.5e-7.
#}
{% macro two_sided_p(z) -%}
    {%- set t = '(1 / (1 + 0.2316419 * abs(' ~ z ~ ')))' -%}
    round(2 * exp(-power({{ z }}, 2) / 2) * 0.3989422804014327 * {{ t }} * (
        0.319381530 + {{ t }} * (-0.356563782 + {{ t }} * (1.781477937 + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429)))
    ), 6)
{%- endmacro %}

{#
    How many standard errors to either side of a mean 95 of 100 draws of Student's t lie, for so many degrees of freedom; 1.96 for
    many. Cornish and Fisher's expansion, Abramowitz and
    Stegun 26.7.5. Within 0.3 % from 4 degrees on.
#}
{% macro t_quantile(degrees) -%}
    (1.959963984540054 + 2.372271 / {{ degrees }} + 2.822499 / power({{ degrees }}, 2) + 2.555852 / power({{ degrees }}, 3)
        + 1.589535 / power({{ degrees }}, 4))
{%- endmacro %}

{# A t statistic as the normal draw that is as rare: D. L. Wallace, Bounds on normal approximations (1959). #}
{% macro t_to_normal(t, degrees) -%}
    (sign({{ t }}) * (8 * {{ degrees }} + 1) / (8 * {{ degrees }} + 3)
        * sqrt({{ degrees }} * ln(1 + power({{ t }}, 2) / {{ degrees }})))
{%- endmacro %}

{#
    Do exposed units earn more than unexposed ones of the same cluster? One row per channel, outcome and method.

    units    a ref or a CTE with a row per channel and unit: channel, cluster, exposed (1 or 0), spend_cents, and a column of
             cents for each outcome
    outcomes columns of units without their ending _cents
    replicates  how many times the clusters are drawn again

    Method client_fixed_effects compares within clusters only: the difference of means of each cluster, weighted by
    n_e * n_u / (n_e + n_u), which is what a regression with an effect for each cluster comes to (Wooldridge, Econometric
    Analysis of Cross Section and Panel Data, chapter 10). Its interval is from a cluster bootstrap (Cameron, Gelbach and Miller
    2008): as many clusters as there are, drawn with replacement, so many times; the 2.5 and 97.5 percentiles of what
    comes out. p_value is twice the share of draws on the other side of 0 (Davison and Hinkley 1997), and so agrees with the
    interval. The draws are hashes of the replicate and the draw: chance, but the same chance every time.

    Method welch compares all exposed with all unexposed units, whatever their cluster, with Welch's standard error and
    degrees of freedom (1947). It takes differences between clusters for effects; it is there to show how far that leads astray.
#}
{% macro lift(units, outcomes, cluster='client_id', replicates=1000, least_units=30, least_clusters=5) -%}
    with clusters as (
        select
            channel,
            {{ cluster }} as cluster,
            cast(sum(exposed) as double) as n_exposed,
            cast(sum(1 - exposed) as double) as n_unexposed,
            cast(sum(exposed * spend_cents) as double) as spend_cents
            {%- for outcome in outcomes %},
            cast(sum(exposed * {{ outcome }}_cents) as double) as {{ outcome }}_exposed,
            cast(sum((1 - exposed) * {{ outcome }}_cents) as double) as {{ outcome }}_unexposed,
            sum(exposed * cast({{ outcome }}_cents as double) * cast({{ outcome }}_cents as double)) as {{ outcome }}_exposed_squares,
            sum((1 - exposed) * cast({{ outcome }}_cents as double) * cast({{ outcome }}_cents as double)) as {{ outcome }}_unexposed_squares
            {%- endfor %}
        from {{ units }}
        group by
            channel,
            {{ cluster }}
    ),

    -- Clusters with units in both arms, and what they contribute: whole numbers, so that their sums do not depend on the order.
    numbered as (
        select
            channel,
            row_number() over (partition by channel order by cluster) as cluster_number,
            count(*) over (partition by channel) as n_clusters,
            n_exposed,
            n_unexposed,
            spend_cents,
            cast(round(1000000 * n_exposed * n_unexposed / (n_exposed + n_unexposed)) as bigint) as weight
            {%- for outcome in outcomes %},
            cast(round(1000 * n_unexposed * {{ outcome }}_exposed / (n_exposed + n_unexposed)) as bigint) as {{ outcome }}_exposed,
            cast(round(1000 * n_exposed * {{ outcome }}_unexposed / (n_exposed + n_unexposed)) as bigint) as {{ outcome }}_unexposed
            {%- endfor %}
        from clusters
        where n_exposed > 0
            and n_unexposed > 0
    ),

    most_clusters as (
        select max(n_clusters) as n_clusters
        from numbered
    ),

    replicates (replicate) as (
        {{ whole_numbers(1, replicates) }}
    ),

    draws as (
        select
            replicates.replicate,
            {{ hashed_fraction("cast(replicates.replicate as varchar) || '/' || cast(slots.cluster_number as varchar)") }} as fraction,
            slots.cluster_number as slot
        from replicates
        cross join (
            select distinct cluster_number
            from numbered
        ) as slots
    ),

    resampled as (
        select
            numbered.channel,
            draws.replicate,
            cast(sum(numbered.weight) as double) as weight
            {%- for outcome in outcomes %},
            cast(sum(numbered.{{ outcome }}_exposed - numbered.{{ outcome }}_unexposed) as double) as {{ outcome }}_diff
            {%- endfor %}
        from (
            select distinct
                channel,
                n_clusters
            from numbered
        ) as channels
        inner join draws on draws.slot <= channels.n_clusters
        inner join numbered
            on numbered.channel = channels.channel
            and numbered.cluster_number = 1 + cast(floor(draws.fraction * channels.n_clusters) as bigint)
        group by
            numbered.channel,
            draws.replicate
    ),

    {%- for outcome in outcomes %}

    {{ outcome }}_bootstrap as (
        select
            channel,
            percentile_cont(0.025) within group (order by 1000 * {{ outcome }}_diff / weight) as ci_low,
            percentile_cont(0.975) within group (order by 1000 * {{ outcome }}_diff / weight) as ci_high,
            stddev_samp(round(1000 * {{ outcome }}_diff / weight, 3)) as se,
            2 * cast(1 + least(
                sum(case when {{ outcome }}_diff <= 0 then 1 else 0 end), sum(case when {{ outcome }}_diff >= 0 then 1 else 0 end)
            ) as double) / (count(*) + 1) as p_value
        from resampled
        group by
            channel
    ),

    {{ outcome }}_within as (
        select
            numbered.channel,
            '{{ outcome }}' as outcome,
            'client_fixed_effects' as method,
            sum(numbered.n_exposed) as n_exposed,
            sum(numbered.n_unexposed) as n_unexposed,
            count(*) as n_clusters,
            1000 * cast(sum(numbered.{{ outcome }}_exposed) as double) / cast(sum(numbered.weight) as double) as mean_exposed,
            1000 * cast(sum(numbered.{{ outcome }}_unexposed) as double) / cast(sum(numbered.weight) as double) as mean_unexposed,
            max({{ outcome }}_bootstrap.se) as se,
            max({{ outcome }}_bootstrap.ci_low) as ci_low,
            max({{ outcome }}_bootstrap.ci_high) as ci_high,
            max({{ outcome }}_bootstrap.p_value) as p_value,
            sum(numbered.spend_cents) as spend_cents
        from numbered
        inner join {{ outcome }}_bootstrap on {{ outcome }}_bootstrap.channel = numbered.channel
        group by
            numbered.channel
    ),

    {{ outcome }}_sums as (
        select
            channel,
            sum(n_exposed) as n_exposed,
            sum(n_unexposed) as n_unexposed,
            count(*) as n_clusters,
            sum(spend_cents) as spend_cents,
            sum({{ outcome }}_exposed) / nullif(sum(n_exposed), 0) as mean_exposed,
            sum({{ outcome }}_unexposed) / nullif(sum(n_unexposed), 0) as mean_unexposed,
            sum({{ outcome }}_exposed_squares) as exposed_squares,
            sum({{ outcome }}_unexposed_squares) as unexposed_squares
        from clusters
        group by
            channel
    ),

    -- The variance of each mean.
    {{ outcome }}_variances as (
        select
            *,
            greatest(exposed_squares - n_exposed * power(mean_exposed, 2), 0) / nullif(n_exposed * (n_exposed - 1), 0)
                as exposed_variance,
            greatest(unexposed_squares - n_unexposed * power(mean_unexposed, 2), 0) / nullif(n_unexposed * (n_unexposed - 1), 0)
                as unexposed_variance
        from {{ outcome }}_sums
    ),

    {{ outcome }}_errors as (
        select
            *,
            mean_exposed - mean_unexposed as diff,
            sqrt(exposed_variance + unexposed_variance) as se,
            coalesce(
                power(exposed_variance + unexposed_variance, 2) / nullif(
                    power(exposed_variance, 2) / nullif(n_exposed - 1, 0) + power(unexposed_variance, 2) / nullif(n_unexposed - 1, 0), 0
                ),
                greatest(n_exposed + n_unexposed - 2, 1)
            ) as degrees
        from {{ outcome }}_variances
    ),
    {%- endfor %}

    estimates as (
        {%- for outcome in outcomes %}
        {%- if not loop.first %}

        union all
        {% endif %}
        select
            channel,
            outcome,
            method,
            n_exposed,
            n_unexposed,
            n_clusters,
            mean_exposed,
            mean_unexposed,
            se,
            ci_low,
            ci_high,
            least(p_value, 1) as p_value,
            spend_cents
        from {{ outcome }}_within

        union all

        select
            channel,
            '{{ outcome }}' as outcome,
            'welch' as method,
            n_exposed,
            n_unexposed,
            n_clusters,
            mean_exposed,
            mean_unexposed,
            se,
            diff - {{ t_quantile('degrees') }} * se as ci_low,
            diff + {{ t_quantile('degrees') }} * se as ci_high,
            {{ two_sided_p(t_to_normal('(diff / nullif(se, 0))', 'degrees')) }} as p_value,
            spend_cents
        from {{ outcome }}_errors
        {%- endfor %}
    ),

    -- A channel that no cluster went with and without has no fixed effects estimate: it gets a row without numbers.
    wanted as (
        select
            channels.channel,
            outcomes.outcome,
            methods.method
        from (
            select distinct channel
            from clusters
        ) as channels
        cross join (
            values {% for outcome in outcomes %}('{{ outcome }}'){{ ', ' if not loop.last }}{% endfor %}
        ) as outcomes (outcome)
        cross join (
            values ('client_fixed_effects'), ('welch')
        ) as methods (method)
    ),

    judged as (
        select
            wanted.channel,
            wanted.outcome,
            wanted.method,
            cast(coalesce(estimates.n_exposed, 0) as bigint) as n_exposed,
            cast(coalesce(estimates.n_unexposed, 0) as bigint) as n_unexposed,
            coalesce(estimates.n_clusters, 0) as n_clusters,
            estimates.mean_exposed,
            estimates.mean_unexposed,
            estimates.se,
            estimates.ci_low,
            estimates.ci_high,
            estimates.p_value,
            cast(estimates.spend_cents as bigint) as spend_cents,
            case
                when coalesce(estimates.n_exposed, 0) >= {{ least_units }}
                    and coalesce(estimates.n_unexposed, 0) >= {{ least_units }}
                    and coalesce(estimates.n_clusters, 0) >= {{ least_clusters }}
                    then 1
                else 0
            end as is_enough
        from wanted
        left join estimates
            on estimates.channel = wanted.channel
            and estimates.outcome = wanted.outcome
            and estimates.method = wanted.method
    )

    select
        channel,
        outcome,
        method,
        n_exposed,
        n_unexposed,
        n_clusters,
        round(mean_exposed / 100, 2) as mean_exposed,
        round(mean_unexposed / 100, 2) as mean_unexposed,
        {%- set enough = 'case when is_enough = 1 then ' %}
        {{ enough }}round((mean_exposed - mean_unexposed) / 100, 2) end as diff,
        {{ enough }}round(100 * (mean_exposed - mean_unexposed) / nullif(mean_unexposed, 0), 4) end as lift_pct,
        {{ enough }}round(se / 100, 4) end as se,
        {{ enough }}round(ci_low / 100, 2) end as ci_low,
        {{ enough }}round(ci_high / 100, 2) end as ci_high,
        {{ enough }}round(p_value, 6) end as p_value,
        {{ enough }}round((mean_exposed - mean_unexposed) * n_exposed / 100, 2) end as incremental_revenue,
        {{ enough }}round(ci_low * n_exposed / 100, 2) end as incremental_revenue_low,
        {{ enough }}round(ci_high * n_exposed / 100, 2) end as incremental_revenue_high,
        {{ to_usd('coalesce(spend_cents, 0)') }} as spend,
        {{ enough }}round((mean_exposed - mean_unexposed) * n_exposed / nullif(spend_cents, 0), 4) end as iroas,
        {{ enough }}round(ci_low * n_exposed / nullif(spend_cents, 0), 4) end as iroas_low,
        {{ enough }}round(ci_high * n_exposed / nullif(spend_cents, 0), 4) end as iroas_high,
        case
            when is_enough = 0 then 'insufficient_control'
            when ci_low > 0 then 'higher'
            when ci_high < 0 then 'lower'
            else 'no_difference_found'
        end as verdict
    from judged
{%- endmacro %}

-- Time decay by day. What a client earns on one day is split over all touchpoints the client had on that day and in the
-- lookback window before it, whatever their channel. A touchpoint weighs 2 ^ (-age / half-life). Touchpoints of one day
-- are of one age, so it is enough to split over days here; model_attribution splits a day's sum over its touchpoints.
with ages (age) as (
    values
        {%- for age in range(lookback_days() | int + 1) %}
        ({{ age }})
        {{- ',' if not loop.last }}
        {%- endfor %}
),

-- In billionths, since weights are whole numbers; at least 1, so that nothing inside the window is worth nothing.
decay as (
    select
        age,
        greatest(1, cast(round(1000000000 * power(2, -age / cast({{ half_life_days() }} as double))) as bigint)) as weight
    from ages
),

-- The days whose touchpoints share the revenue of a day. Each is worked out before it is looked up, so that the join below
-- is on equal days and its work grows with the days of a client, not with their square.
window_days as (
    select
        client_days.client_id,
        client_days.date as revenue_date,
        client_days.revenue_cents,
        {{ days_before('client_days.date', 'decay.age') }} as touch_date,
        decay.weight
    from {{ ref('client_days') }} as client_days
    cross join decay
    where client_days.revenue_cents <> 0
),

touched_days as (
    select
        window_days.client_id,
        window_days.revenue_date,
        window_days.revenue_cents,
        window_days.touch_date,
        window_days.weight * client_days.touchpoints as weight
    from window_days
    inner join {{ ref('client_days') }} as client_days
        on client_days.client_id = window_days.client_id
        and client_days.date = window_days.touch_date
    where client_days.touchpoints > 0
),

split as (
    {{ split_by_weight(
        rows='touched_days',
        amount='revenue_cents',
        weight='weight',
        within=['client_id', 'revenue_date'],
        row=['touch_date'],
    ) }}
)

select
    client_id,
    touch_date as date,
    cast(sum(allocated_cents) as bigint) as attributed_cents
from split
group by
    client_id,
    touch_date

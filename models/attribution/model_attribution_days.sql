-- Time decay by day. What a client earns on one day is split over all touchpoints the client had on that day and in the
-- lookback window before it, whatever their channel. A touchpoint weighs 2 ^ (-age / half-life). Touchpoints of one day
-- are of one age, so it is enough to split over days here; model_attribution splits a day's sum over its touchpoints.
with ages (age) as (
    values
        {%- for age in range(var('lookback_days') | int + 1) %}
        ({{ age }})
        {{- ',' if not loop.last }}
        {%- endfor %}
),

-- In billionths, since weights are whole numbers; at least 1, so that nothing inside the window is worth nothing.
decay as (
    select
        age,
        greatest(1, cast(round(1000000000 * power(2, -age / cast({{ var('half_life_days') }} as double))) as bigint)) as weight
    from ages
),

window_days as (
    select
        earning.client_id,
        earning.date as revenue_date,
        earning.revenue_cents,
        touched.date as touch_date,
        touched.touchpoints * decay.weight as weight
    from {{ ref('client_days') }} as earning
    cross join decay
    inner join {{ ref('client_days') }} as touched
        on touched.client_id = earning.client_id
        and touched.date = {{ days_before('earning.date', 'decay.age') }}
    where earning.revenue_cents <> 0
        and touched.touchpoints > 0
),

split as (
    {{ split_by_weight(
        rows='window_days',
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

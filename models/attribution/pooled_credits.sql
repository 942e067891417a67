-- The pooled scope: what a client earns on one day, whatever the channel, over all touchpoints the client had on that day and
-- in the lookback window before it, by every model at once. Touchpoints of one day are of one age and one position, so
-- it is enough to split over days here; the touchpoints of a day share its credit alike (pooled_touchpoints).
with touch_days as (
    select
        client_id,
        date as touch_date,
        touchpoints,
        non_direct_touchpoints
    from {{ ref('client_days') }}
    where touchpoints > 0
),

revenue_days as (
    select
        client_id,
        date as revenue_date,
        'sale' as kind,
        sales_cents as revenue_cents
    from {{ ref('client_days') }}
    where sales_cents <> 0

    union all

    select
        client_id,
        date as revenue_date,
        'refund' as kind,
        refund_cents as revenue_cents
    from {{ ref('client_days') }}
    where refund_cents <> 0
),

credits as (
    {{ attribute_journeys_by_models(
        touches='touch_days',
        conversions='revenue_days',
        models=journey_models(),
        lookback_days=lookback_days(),
        half_life_days=half_life_days(),
        journey='client_id',
        touched_at='touch_date',
        channel=none,
        campaign=none,
        weight='touchpoints',
        non_direct_weight='non_direct_touchpoints',
        converted_at='revenue_date',
        value_cents='revenue_cents',
        conversion=['kind'],
        one_at_a_time=true,
    ) | indent(4) }}
)

select
    client_id,
    revenue_date,
    kind,
    conversion_cents as revenue_cents,
    touch_date,
    cast(age_days as bigint) as age_days
    {%- for model in journey_models() %},
    {{ model }}_cents
    {%- endfor %}
from credits

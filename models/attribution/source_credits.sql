-- The source_reported scope: each (client, day, channel) amount of revenue, split over the touchpoints of that client, day and
-- channel by what they brought. Without any that day, over those of the channel's last day with some in the lookback window, and
-- without any there, the amount is here with no touchpoint. Most amounts have one touchpoint, which gets all; the others are split.
with amounts as (
    select
        amounts.client_id,
        amounts.date as revenue_date,
        amounts.channel,
        amounts.kind,
        amounts.revenue_cents,
        same_day.date as same_day,
        coalesce(same_day.touchpoints = 1, false) as has_one_touchpoint
    from {{ ref('revenue_to_attribute') }} as amounts
    left join {{ ref('channel_days') }} as same_day
        on same_day.client_id = amounts.client_id
        and same_day.date = amounts.date
        and same_day.channel = amounts.channel
),

earlier_days as (
    select
        amounts.client_id,
        amounts.revenue_date,
        amounts.channel,
        max(days.date) as touch_date
    from amounts
    inner join {{ ref('channel_days') }} as days
        on days.client_id = amounts.client_id
        and days.channel = amounts.channel
        and days.date < amounts.revenue_date
        and days.date >= {{ days_before('amounts.revenue_date', lookback_days()) }}
    where amounts.same_day is null
    group by
        amounts.client_id,
        amounts.revenue_date,
        amounts.channel
),

dated as (
    select
        row_number() over (order by amounts.revenue_date, amounts.client_id, amounts.channel, amounts.kind) as amount_number,
        amounts.client_id,
        amounts.revenue_date,
        amounts.channel,
        amounts.kind,
        amounts.revenue_cents,
        amounts.has_one_touchpoint,
        coalesce(amounts.same_day, earlier_days.touch_date) as touch_date
    from amounts
    left join earlier_days
        on earlier_days.client_id = amounts.client_id
        and earlier_days.revenue_date = amounts.revenue_date
        and earlier_days.channel = amounts.channel
),

placed as (
    select
        dated.*,
        places.place,
        places.campaign_id,
        case when places.place is not null then {{ whole_weight('places.weight') }} end as weight
    from dated
    left join {{ ref('touch_places') }} as places
        on places.client_id = dated.client_id
        and places.date = dated.touch_date
        and places.channel = dated.channel
),

to_split as (
    select
        amount_number,
        revenue_cents,
        place,
        weight
    from placed
    where place is not null
        and not has_one_touchpoint
),

split as (
    {{ split_by_weights(
        rows='to_split',
        amount='revenue_cents',
        weights={'attributed': 'weight'},
        within=['amount_number'],
        row=['place'],
        weight_columns=false,
    ) | indent(4) }}
)

select
    placed.client_id,
    placed.revenue_date,
    placed.channel,
    placed.kind,
    placed.revenue_cents,
    placed.touch_date,
    placed.place,
    placed.campaign_id,
    placed.weight,
    case when placed.has_one_touchpoint then placed.revenue_cents else split.attributed_cents end as attributed_cents
from placed
left join split
    on split.amount_number = placed.amount_number
    and split.place = placed.place

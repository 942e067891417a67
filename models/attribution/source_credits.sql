-- The source_reported scope: each (client, day, channel) amount of revenue, split over the touchpoints of that client, day and
-- channel by what they brought. Without any that day, over those of the channel's last day with some in the lookback window, and
-- without any there, the amount is here with no touchpoint.
with amounts as (
    select
        amounts.client_id,
        amounts.date as revenue_date,
        amounts.channel,
        amounts.kind,
        amounts.revenue_cents,
        same_day.date as same_day
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
        row_number() over (order by amounts.client_id, amounts.revenue_date, amounts.channel, amounts.kind) as amount_number,
        amounts.client_id,
        amounts.revenue_date,
        amounts.channel,
        amounts.kind,
        amounts.revenue_cents,
        coalesce(amounts.same_day, earlier_days.touch_date) as touch_date
    from amounts
    left join earlier_days
        on earlier_days.client_id = amounts.client_id
        and earlier_days.revenue_date = amounts.revenue_date
        and earlier_days.channel = amounts.channel
),

to_split as (
    select
        dated.amount_number,
        dated.revenue_cents,
        places.touchpoint_id,
        places.campaign_id,
        places.place,
        places.weight
    from dated
    inner join {{ ref('touch_places') }} as places
        on places.client_id = dated.client_id
        and places.date = dated.touch_date
        and places.channel = dated.channel
),

split as (
    {{ split_by_weights(
        rows='to_split',
        amount='revenue_cents',
        weights={'attributed': 'weight'},
        within=['amount_number'],
        row=['place'],
        keep=['touchpoint_id', 'campaign_id'],
    ) | indent(4) }}
)

select
    dated.client_id,
    dated.revenue_date,
    dated.channel,
    dated.kind,
    dated.revenue_cents,
    dated.touch_date,
    split.touchpoint_id,
    split.campaign_id,
    split.attributed_weight as weight,
    split.attributed_cents
from dated
left join split on split.amount_number = dated.amount_number

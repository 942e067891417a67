-- Source attribution gives the revenue of a client and channel to that client's touchpoints of that channel, or to nobody, to the
-- cent. Returns the clients and channels where it did otherwise.
with revenue as (
    select
        client_id,
        channel,
        sum(revenue_cents) as revenue_cents
    from {{ ref('daily_revenue') }}
    group by
        client_id,
        channel
),

given as (
    select
        marketing_analytics.client_id,
        channels.channel,
        {{ to_cents('marketing_analytics.attributed_revenue_from_source_usd') }} as given_cents
    from {{ ref('marketing_analytics') }} as marketing_analytics
    left join {{ ref('channels') }} as channels on channels.platform = marketing_analytics.platform
    where marketing_analytics.attributed_revenue_from_source_usd <> 0

    union all

    select
        client_id,
        channel,
        {{ to_cents('revenue_usd') }} as given_cents
    from {{ ref('unattributed_revenue') }}
    where attribution = 'from_source'
),

given_by_channel as (
    select
        client_id,
        channel,
        sum(given_cents) as given_cents
    from given
    group by
        client_id,
        channel
)

select
    coalesce(revenue.client_id, given_by_channel.client_id) as client_id,
    coalesce(revenue.channel, given_by_channel.channel) as channel,
    coalesce(revenue.revenue_cents, 0) as revenue_cents,
    coalesce(given_by_channel.given_cents, 0) as given_cents
from revenue
full outer join given_by_channel
    on given_by_channel.client_id = revenue.client_id
    and given_by_channel.channel = revenue.channel
where coalesce(revenue.revenue_cents, 0) <> coalesce(given_by_channel.given_cents, 0)

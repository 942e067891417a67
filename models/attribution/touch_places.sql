-- The touchpoints of each client and day in a row, campaign by campaign and channel by channel, those that are not direct
-- first: where a part of the day's credit begins and ends for each of them. weight is what splits the revenue of the
-- touchpoint's own channel: clicks for ads, clicks for email too (sent emails times click rate), sessions for the web.
select
    touchpoint_id,
    client_id,
    date,
    coalesce(channel, 'no channel') as channel,
    campaign_id,
    case platform
        when 'google_ads' then cast(clicks as double)
        when 'facebook_ads' then cast(clicks as double)
        -- In millionths of a click, for a weight is a whole number and a rate has six decimals.
        when 'email_campaigns' then cast(emails_sent * click_rate * 1000000 as double)
        when 'web_traffic' then cast(sessions as double)
    end as weight,
    row_number() over (
        partition by
            client_id,
            date
        order by
            {{ is_direct('channel') }},
            channel,
            campaign_id,
            touchpoint_id
    ) as place
from {{ ref('touchpoints') }}

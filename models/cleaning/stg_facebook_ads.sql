-- One row per object of facebook_ads.json, under the names all platforms share.
select
    'facebook_ads' as platform,
    {{ clean_text('fb_campaign_id') }} as campaign_id,
    trim(client) as client_id,
    date,
    clicks,
    reach as impressions,
    spend as spend_usd,
    conversions,
    {{ clean_text('platform') }} as platform_detail,
    {{ clean_text('geo') }} as geo
from {{ source('raw', 'facebook_ads') }}

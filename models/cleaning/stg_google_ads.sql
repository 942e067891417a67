-- One row per row of google_ads.csv, under the names all platforms share.
select
    'google_ads' as platform,
    {{ clean_text('campaign_id') }} as campaign_id,
    trim(client_id) as client_id,
    date,
    clicks,
    impressions,
    cost_usd as spend_usd,
    conversions,
    {{ clean_text('device_type') }} as device_type,
    {{ clean_text('geo') }} as geo
from {{ source('raw', 'google_ads') }}

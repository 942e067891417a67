-- One row per row of web_traffic.csv, under the names all platforms share.
select
    'web_traffic' as platform,
    trim(client_id) as client_id,
    date,
    pageviews,
    sessions,
    bounce_rate,
    avg_session_duration as avg_session_duration_seconds
from {{ source('raw', 'web_traffic') }}

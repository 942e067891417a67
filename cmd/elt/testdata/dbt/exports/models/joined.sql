{{ config(materialized='table') }}
select v.day, v.views, c.clicks, s.spend
from {{ source('files', 'views') }} as v
join {{ source('files', 'clicks') }} as c on c.day = v.day
join {{ ref('spend_parquet') }} as s on s.day = v.day

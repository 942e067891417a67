{{ config(unique_key='id') }}
select id, page, seconds, referrer, {{ "'later'" if is_incremental() else "'first'" }} as written
from {{ ref('views') }}

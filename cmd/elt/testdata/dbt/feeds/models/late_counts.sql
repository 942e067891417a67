select count(*) as rows_now from {{ source('feeds', 'stale') }}

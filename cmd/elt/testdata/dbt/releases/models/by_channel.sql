select channel, count(*) as touches from {{ ref('stg_touches') }} group by channel

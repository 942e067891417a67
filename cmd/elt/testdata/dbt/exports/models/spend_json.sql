{{ config(materialized='external', location='data/spend.json', format='json') }}
select channel, count(*) as days from {{ ref('spend') }} group by channel

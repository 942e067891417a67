{{ config(materialized='external', location='data/spend_by_day.parquet') }}
select day, sum(spend) as spend from {{ ref('spend') }} group by day

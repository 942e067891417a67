{{ config(materialized='external', location='data/nothing.parquet') }}
select * from {{ ref('spend') }} where false

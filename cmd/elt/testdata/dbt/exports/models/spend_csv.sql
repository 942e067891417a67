{{ config(materialized='external', location='data/spend.csv', delimiter=';') }}
select * from {{ ref('spend') }}

{{ config(materialized='view') }}
select cart_id, upper(item) as item from {{ ref('carts') }}

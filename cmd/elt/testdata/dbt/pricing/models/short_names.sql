{{ config(materialized='ephemeral') }}
select cart_id, upper(item) as item, added_at from {{ ref('carts') }}

select 1 as product_id, 7.5 as price

select 1 as product_id, 2.0 as cost

select 1 as product_id, 'mug' as product_name, 'kitchen' as category, 750 as price

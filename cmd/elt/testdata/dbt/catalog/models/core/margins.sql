select p.product_id, p.price - s.cost as margin from {{ ref('prices') }} as p join {{ ref('secrets') }} as s using (product_id)

select l.product_id, l.product_name, v1.name, v3.price, m.margin
from {{ ref('products') }} as l
join {{ ref('products', v=1) }} as v1 using (product_id)
join {{ ref('catalog', 'products', version=3) }} as v3 using (product_id)
join {{ ref('margins') }} as m using (product_id)

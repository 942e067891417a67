select
    c.cart_id,
    c.item,
    c.quantity * c.unit_price as gross,
    cast(c.quantity * c.unit_price * (100 - {{ var('discount') }}) / 100 as decimal(10, 2)) as net,
    coalesce(r.region, '{{ env_var("PRICING_REGION", "none") }}') as region,
    {{ tax('c.unit_price') }} as tax
from {{ ref('carts') }} as c
left join {{ source('crm', 'regions') }} as r using (customer)

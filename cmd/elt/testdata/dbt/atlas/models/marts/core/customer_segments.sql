select id, name from {{ ref('customers') }} join {{ ref('segments') }} using (id, name)

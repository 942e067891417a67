{{
    config(
        materialized='table',
        meta={'sla': 'daily'},
    )
}}

with visits as (
    select customer_id, count(*) as visits from {{ ref('stg_visits') }} group by customer_id
)

select
    c.customer_id,
    c.customer_name,
    k.country,
    coalesce(o.orders, 0) as orders,
    coalesce(o.revenue, 0) as revenue,
    o.vat,
    o.first_order,
    coalesce(v.visits, 0) as visits,
    '{{ var("currency") }}' as currency
from {{ ref('stg_customers') }} as c
left join {{ ref('shop', 'int_customer_orders') }} as o on o.customer_id = c.customer_id
left join {{ ref('country_codes') }} as k on k.code = c.country_code
left join visits as v on v.customer_id = c.customer_id

select
    customers.customer_id,
    customers.name,
    count(orders.id) as orders,
    coalesce(sum(orders.amount), 0) as amount
from {{ ref('stg_customers') }} as customers
left join {{ ref('stg_orders') }} as orders on orders.customer_id = customers.customer_id
group by
    customers.customer_id,
    customers.name

select
    countries.name as country,
    count(*) as orders,
    sum(orders.amount) as amount
from {{ ref('stg_orders') }} as orders
left join {{ ref('countries') }} as countries on countries.country = orders.country
group by
    countries.name

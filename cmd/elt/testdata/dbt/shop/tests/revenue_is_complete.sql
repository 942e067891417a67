-- revenue by customer and by day are the same
select a.revenue as by_day, b.revenue as by_customer
from (select sum(revenue) as revenue from {{ ref('revenue_by_day') }}) as a
cross join (select sum(revenue) as revenue from {{ ref('customers') }}) as b
where a.revenue != b.revenue

{{ config(schema='finance', alias='daily_revenue') }}
select ordered_on, count(*) as orders, sum(amount) as revenue, sum(vat) as vat
from {{ ref('int_orders_valued') }}
group by 1
order by 1

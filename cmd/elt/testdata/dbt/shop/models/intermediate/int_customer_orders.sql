with totals as (
    select customer_id, count(*) as orders, sum(amount) as revenue, sum(vat) as vat, min(ordered_on) as first_order
    from {{ ref('int_orders_valued') }}
    group by customer_id
)

select * from totals

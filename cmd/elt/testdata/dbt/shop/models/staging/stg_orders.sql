{{ config(alias='orders_clean', tags=['orders']) }}

select
    id as order_id,
    customer_id,
    cast(ordered_on as date) as ordered_on,
    {{ cents_to_euros('amount_cents') }} as amount,
    status,
    coupon
from {{ ref('raw_orders') }}
{% if var('only_completed', false) %}
where status = 'completed'
{% endif %}

select
    order_id, customer_id, ordered_on, amount,
    cast(amount * {{ var('vat_rates')['standard'] }} as decimal(18, 2)) as vat
from {{ ref('stg_orders') }}
where amount >= {{ var('min_amount') }}

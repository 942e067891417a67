select
    id,
    customer_id,
    lower(country) as country,
    amount
from {{ source('raw', 'orders') }}

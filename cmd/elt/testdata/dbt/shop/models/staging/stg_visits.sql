select visit_id, customer_id, visited_at, '{{ env_var("SHOP_REGION", "eu") }}' as region
from {{ source('web', 'visits') }}

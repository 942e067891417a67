select item, count(*) as carts, max(added_at) as last_added, min(cart_id) as first_cart from {{ ref('short_names') }} group by item

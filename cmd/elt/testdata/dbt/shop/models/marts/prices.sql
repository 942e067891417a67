select "Product Name" as product, "order", "unit price" as unit_price, "valid from" as valid_from
from {{ ref('price_list') }}

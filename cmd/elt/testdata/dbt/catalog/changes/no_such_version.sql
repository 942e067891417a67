select * from {{ ref('products', v=9) }}

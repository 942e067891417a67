select item, count(*) as carts from {{ ref('short_names_table') }} group by item

{{ config(materialized='incremental', unique_key='cart_id') }}
select cart_id, gross, {{ 'true' if is_incremental() else 'false' }} as later
from {{ ref('priced') }}
{% if is_incremental() %}
where cart_id > (select max(cart_id) from {{ this }})
{% endif %}

select
    id as customer_id,
    trim(name) as customer_name,
    coalesce(country, '{{ var("default_country", "??") }}') as country_code,
    cast(signed_up as date) as signed_up
from {{ source('crm', 'customers') }}

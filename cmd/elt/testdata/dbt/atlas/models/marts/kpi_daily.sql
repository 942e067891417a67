select count(*) as n from {{ ref('customer_segments') }}

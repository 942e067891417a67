select * from {{ ref('contacts_history') }}

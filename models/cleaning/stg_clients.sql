-- One row per row of clients.csv. A client may come twice here; the model clients settles which row counts.
select
    trim(client_id) as client_id,
    {{ clean_text('name') }} as name,
    {{ clean_text('industry') }} as industry,
    {{ clean_text('account_manager') }} as account_manager,
    signup_date
from {{ source('raw', 'clients') }}

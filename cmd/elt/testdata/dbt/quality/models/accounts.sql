select * from {{ ref('accounts_raw') }}

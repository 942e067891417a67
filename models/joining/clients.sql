-- One row per client. Where clients.csv names a client twice, the row with the latest sign-up counts, then the first in
-- alphabetical order: the choice must not depend on the order of the file.
with ranked as (
    select
        client_id,
        name,
        industry,
        account_manager,
        signup_date,
        row_number() over (
            partition by client_id
            order by
                signup_date desc nulls last,
                name nulls last,
                industry nulls last,
                account_manager nulls last
        ) as place
    from {{ ref('stg_clients') }}
)

select
    client_id,
    coalesce(name, 'Unknown') as name,
    coalesce(industry, 'Unknown') as industry,
    coalesce(account_manager, 'Unknown') as account_manager,
    signup_date
from ranked
where place = 1

-- What each client spent on each day, 0 on days with email or web traffic only.
select
    date,
    client_id,
    cast(sum(spend_usd) as decimal(18, 2)) as spend_usd
from {{ ref('daily_client_metrics') }}
group by
    date,
    client_id

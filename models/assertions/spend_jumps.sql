{{ config(severity='warn') }}

-- Days on which a client's spend on a platform was ten times what is usual there: a currency, a decimal point, or a campaign that
-- ran away. It counts all the same.
select
    date,
    client_id,
    platform,
    value as spend_usd,
    usual_value as usual_spend_usd
from {{ ref('anomalies') }}
where metric = 'spend'
    and value > 10 * usual_value

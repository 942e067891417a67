-- Revenue per client, day and channel, in cents: the amounts that source attribution splits.
select
    client_id,
    date,
    channel,
    cast(sum({{ to_cents('revenue_usd') }}) as bigint) as revenue_cents
from {{ ref('stg_revenue') }}
group by
    client_id,
    date,
    channel

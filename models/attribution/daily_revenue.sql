-- Revenue per client, day and channel, in cents: the amounts that source attribution splits. Rows of the same cell add up, but
-- what was paid back stays apart from what was sold.
select
    client_id,
    date,
    channel,
    cast(sum({{ to_cents('revenue_usd') }}) as bigint) as revenue_cents,
    cast(sum({{ to_cents('greatest(revenue_usd, 0)') }}) as bigint) as sales_cents,
    cast(sum({{ to_cents('least(revenue_usd, 0)') }}) as bigint) as refund_cents
from {{ ref('stg_revenue') }}
group by
    client_id,
    date,
    channel

-- The amounts to attribute: one row per client, day, channel and kind. Sales and refunds of a day are two amounts.
select
    client_id,
    date,
    channel,
    'sale' as kind,
    sales_cents as revenue_cents
from {{ ref('daily_revenue') }}
where sales_cents <> 0

union all

select
    client_id,
    date,
    channel,
    'refund' as kind,
    refund_cents as revenue_cents
from {{ ref('daily_revenue') }}
where refund_cents <> 0

-- One row per row of revenue.csv. A refund is a negative amount.
select
    trim(client_id) as client_id,
    date,
    -- Money without a channel is money all the same: it stays, and shows as unattributed.
    coalesce(lower({{ clean_text('channel') }}), 'unknown') as channel,
    attributed_revenue as revenue_usd
from {{ source('raw', 'revenue') }}

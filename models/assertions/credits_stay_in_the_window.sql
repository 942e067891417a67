-- Revenue goes to touchpoints of its own day and of the lookback window before it, never to later or older ones. Returns credits
-- that did otherwise.
select
    'source_reported' as scope,
    client_id,
    revenue_date,
    touch_date
from {{ ref('source_credits') }}
where touch_date > revenue_date
    or touch_date < {{ days_before('revenue_date', lookback_days()) }}

union all

select
    'pooled' as scope,
    client_id,
    revenue_date,
    touch_date
from {{ ref('pooled_credits') }}
where touch_date > revenue_date
    or touch_date < {{ days_before('revenue_date', lookback_days()) }}

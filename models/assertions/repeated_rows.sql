{{ config(severity='warn') }}

-- Raw rows that are there twice, equal in all columns: a file may have been delivered again. They count all the same, for
-- equal rows can be right.
select
    platform,
    client_id,
    date,
    campaign_id,
    device_type,
    geo,
    platform_detail,
    subject_line,
    clicks,
    impressions,
    spend_usd,
    conversions,
    emails_sent,
    open_rate,
    click_rate,
    pageviews,
    sessions,
    bounce_rate,
    avg_session_duration_seconds,
    count(*) as times
from {{ ref('touchpoints') }}
group by
    platform,
    client_id,
    date,
    campaign_id,
    device_type,
    geo,
    platform_detail,
    subject_line,
    clicks,
    impressions,
    spend_usd,
    conversions,
    emails_sent,
    open_rate,
    click_rate,
    pageviews,
    sessions,
    bounce_rate,
    avg_session_duration_seconds
having count(*) > 1

-- One row per touchpoint with its client, its rates and the revenue attributed to it: the table that dashboards read. Its
-- columns are a contract; new ones go to the end.
select
    touchpoints.client_id,
    touchpoints.date,
    touchpoints.platform,
    touchpoints.campaign_id,
    touchpoints.device_type,
    touchpoints.geo,
    touchpoints.clicks,
    touchpoints.impressions,
    touchpoints.spend_usd,
    touchpoints.emails_sent,
    touchpoints.open_rate,
    touchpoints.click_rate,
    touchpoints.subject_line,
    touchpoints.pageviews,
    touchpoints.sessions,
    touchpoints.bounce_rate,
    touchpoints.avg_session_duration_seconds,
    touchpoints.platform_detail,
    coalesce(clients.name, 'Unknown') as name,
    coalesce(clients.industry, 'Unknown') as industry,
    coalesce(clients.account_manager, 'Unknown') as account_manager,
    clients.signup_date,
    {{ ratio('touchpoints.clicks', 'touchpoints.impressions', factor=100, otherwise=0) }} as ctr,
    {{ ratio('touchpoints.spend_usd', 'touchpoints.clicks', otherwise=0) }} as cpc_usd,
    {{ ratio('touchpoints.spend_usd', 'touchpoints.impressions', factor=1000, otherwise=0) }} as cpm_usd,
    touchpoints.clicks + touchpoints.emails_sent + touchpoints.sessions as total_interactions,
    {{ to_usd('coalesce(source_touchpoints.attributed_cents, 0)') }} as attributed_revenue_from_source_usd,
    {{ to_usd('coalesce(pooled_touchpoints.attributed_cents, 0)') }} as attributed_revenue_model_usd,
    touchpoints.conversions
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('clients') }} as clients on clients.client_id = touchpoints.client_id
left join {{ ref('source_touchpoints') }} as source_touchpoints
    on source_touchpoints.touchpoint_id = touchpoints.touchpoint_id
left join {{ ref('pooled_touchpoints') }} as pooled_touchpoints
    on pooled_touchpoints.touchpoint_id = touchpoints.touchpoint_id

-- The clients side by side: all they earned, what was spent for them, and what their touchpoints are credited with. Clients without
-- touchpoints or without revenue are here too.
with performance as (
    {{ performance(by=['client_id']) | indent(4) }}
),

revenue as (
    select
        client_id,
        {{ to_usd('sum(revenue_cents)') }} as revenue,
        {{ to_usd('sum(refund_cents)') }} as refunds,
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('client_days') }}
    group by
        client_id
),

compared as (
    select
        revenue.client_id,
        coalesce(clients.name, 'Unknown') as name,
        coalesce(clients.industry, 'Unknown') as industry,
        coalesce(clients.account_manager, 'Unknown') as account_manager,
        revenue.first_date,
        revenue.last_date,
        revenue.revenue,
        revenue.refunds,
        coalesce(performance.spend_usd, 0) as spend,
        coalesce(performance.touchpoints, 0) as touchpoints,
        coalesce(performance.impressions, 0) as impressions,
        coalesce(performance.clicks, 0) as clicks,
        coalesce(performance.emails_sent, 0) as emails_sent,
        coalesce(performance.sessions, 0) as sessions,
        coalesce(performance.revenue_from_source_usd, 0) as revenue_from_source,
        coalesce(performance.revenue_model_usd, 0) as revenue_model,
        performance.ctr,
        performance.cpc_usd as cpc,
        sum(revenue.revenue) over () as revenue_of_all,
        sum(performance.spend_usd) over () as spend_of_all
    from revenue
    left join performance on performance.client_id = revenue.client_id
    left join {{ ref('clients') }} as clients on clients.client_id = revenue.client_id
)

select
    client_id,
    name,
    industry,
    account_manager,
    first_date,
    last_date,
    revenue,
    refunds,
    spend,
    {{ ratio('revenue', 'spend') }} as blended_roas,
    touchpoints,
    impressions,
    clicks,
    emails_sent,
    sessions,
    revenue_from_source,
    revenue_model,
    ctr,
    cpc,
    {{ ratio('spend', 'spend_of_all', factor=100) }} as share_of_spend_percent,
    {{ ratio('revenue', 'revenue_of_all', factor=100) }} as share_of_revenue_percent
from compared

-- The channels side by side: what they cost, what they brought, their share of either, and what can be said of their effect.
with lift as (
    select
        channel,
        iroas,
        iroas_low,
        iroas_high,
        verdict
    from {{ ref('channel_lift') }}
    where outcome = 'other'
        and method = 'client_fixed_effects'
)

select
    channels.channel,
    performance.touchpoints,
    performance.impressions,
    performance.clicks,
    performance.spend_usd as spend,
    performance.emails_sent,
    performance.emails_opened_estimated,
    performance.emails_clicked_estimated,
    performance.conversions,
    performance.sessions,
    performance.revenue_from_source_usd as revenue_from_source,
    performance.revenue_model_usd as revenue_model,
    performance.ctr,
    performance.cpc_usd as cpc,
    performance.cpm_usd as cpm,
    performance.cpa_usd as cpa,
    performance.open_rate_percent,
    performance.click_rate_percent,
    performance.ctor_percent,
    performance.roas_from_source,
    performance.roas_model,
    performance.share_of_spend_percent,
    performance.share_of_revenue_from_source_percent,
    performance.share_of_revenue_model_percent,
    lift.iroas as halo_iroas,
    lift.iroas_low as halo_iroas_low,
    lift.iroas_high as halo_iroas_high,
    lift.verdict as halo
from {{ ref('platform_performance') }} as performance
inner join {{ ref('channels') }} as channels on channels.platform = performance.platform
left join lift on lift.channel = channels.channel

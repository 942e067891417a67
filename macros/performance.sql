{#
    What marketing cost and brought by some columns of marketing_analytics: sums, and rates as ratios of those sums, missing
    where the denominator is 0. A conversion costs what was spent where the platform counts them. Opens and clicks of emails are estimates: the file has rates, not counts.

        {{ performance(by=['client_id']) }}
#}
{% macro performance(by, where=none) -%}
    with sums as (
        select
            {{ by | join(',\n            ') }},
            count(*) as touchpoints,
            cast(sum(impressions) as bigint) as impressions,
            cast(sum(clicks) as bigint) as clicks,
            cast(sum(spend_usd) as decimal(18, 2)) as spend_usd,
            cast(sum(emails_sent) as bigint) as emails_sent,
            sum(cast(emails_sent * open_rate as decimal(28, 6))) as emails_opened,
            sum(cast(emails_sent * click_rate as decimal(28, 6))) as emails_clicked,
            cast(sum(conversions) as decimal(18, 2)) as conversions,
            sum(case when conversions is not null then spend_usd end) as spend_on_conversions,
            cast(sum(sessions) as bigint) as sessions,
            cast(sum(pageviews) as bigint) as pageviews,
            cast(sum(attributed_revenue_from_source_usd) as decimal(18, 2)) as revenue_from_source_usd,
            cast(sum(attributed_revenue_model_usd) as decimal(18, 2)) as revenue_model_usd
        from {{ ref('marketing_analytics') }}
        {%- if where %}
        where {{ where }}
        {%- endif %}
        group by
            {{ by | join(',\n            ') }}
    ),

    totals as (
        select
            sum(spend_usd) as spend_usd,
            sum(revenue_from_source_usd) as revenue_from_source_usd,
            sum(revenue_model_usd) as revenue_model_usd
        from sums
    )

    select
        {% for column in by %}sums.{{ column }},
        {% endfor -%}
        sums.touchpoints,
        sums.impressions,
        sums.clicks,
        sums.spend_usd,
        sums.emails_sent,
        cast(round(sums.emails_opened) as bigint) as emails_opened_estimated,
        cast(round(sums.emails_clicked) as bigint) as emails_clicked_estimated,
        sums.conversions,
        sums.sessions,
        sums.pageviews,
        sums.revenue_from_source_usd,
        sums.revenue_model_usd,
        {{ ratio('sums.clicks', 'sums.impressions', factor=100) }} as ctr,
        {{ ratio('sums.spend_usd', 'sums.clicks') }} as cpc_usd,
        {{ ratio('sums.spend_usd', 'sums.impressions', factor=1000) }} as cpm_usd,
        {{ ratio('sums.spend_on_conversions', 'sums.conversions') }} as cpa_usd,
        {{ ratio('sums.emails_opened', 'sums.emails_sent', factor=100) }} as open_rate_percent,
        {{ ratio('sums.emails_clicked', 'sums.emails_sent', factor=100) }} as click_rate_percent,
        {{ ratio('sums.emails_clicked', 'sums.emails_opened', factor=100) }} as ctor_percent,
        {{ ratio('sums.revenue_from_source_usd', 'sums.spend_usd') }} as roas_from_source,
        {{ ratio('sums.revenue_model_usd', 'sums.spend_usd') }} as roas_model,
        {{ ratio('sums.spend_usd', 'totals.spend_usd', factor=100) }} as share_of_spend_percent,
        {{ ratio('sums.revenue_from_source_usd', 'totals.revenue_from_source_usd', factor=100) }} as share_of_revenue_from_source_percent,
        {{ ratio('sums.revenue_model_usd', 'totals.revenue_model_usd', factor=100) }} as share_of_revenue_model_percent
    from sums
    cross join totals
{%- endmacro %}

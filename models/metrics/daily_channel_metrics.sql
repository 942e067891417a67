-- What each channel cost and brought on each day, over all clients, and over the 7 and 28 days that end with it. Every day from the
-- first to the last is here for every channel, for a window must not skip the days on which nothing happened. Revenue is what
-- revenue.csv books to the channel that day.
with touched as (
    select
        daily.date,
        channels.channel,
        sum(daily.clicks) as clicks,
        sum(daily.impressions) as impressions,
        sum(daily.sessions) as sessions,
        sum(daily.emails_sent) as emails_sent,
        sum(daily.spend_usd) as spend_usd
    from {{ ref('daily_client_metrics') }} as daily
    inner join {{ ref('channels') }} as channels on channels.platform = daily.platform
    group by
        daily.date,
        channels.channel
),

earned as (
    select
        date,
        channel,
        {{ to_usd('sum(revenue_cents)') }} as revenue_usd
    from {{ ref('daily_revenue') }}
    group by
        date,
        channel
),

bounds as (
    select
        min(date) as first_date,
        max(date) as last_date
    from {{ ref('client_days') }}
),

calendar as (
    select {{ days_after('bounds.first_date', 'numbers.number') }} as date
    from bounds
    inner join (
        {{ whole_numbers(0, 36500) | indent(8) }}
    ) as numbers (number) on numbers.number <= {{ days_between('bounds.first_date', 'bounds.last_date') }}
),

all_channels as (
    select channel from {{ ref('channels') }}
    union
    select channel from earned
),

daily as (
    select
        calendar.date,
        all_channels.channel,
        cast(coalesce(touched.clicks, 0) as bigint) as clicks,
        cast(coalesce(touched.impressions, 0) as bigint) as impressions,
        cast(coalesce(touched.sessions, 0) as bigint) as sessions,
        cast(coalesce(touched.emails_sent, 0) as bigint) as emails_sent,
        cast(coalesce(touched.spend_usd, 0) as decimal(18, 2)) as spend_usd,
        cast(coalesce(earned.revenue_usd, 0) as decimal(18, 2)) as revenue_usd
    from calendar
    cross join all_channels
    left join touched
        on touched.date = calendar.date
        and touched.channel = all_channels.channel
    left join earned
        on earned.date = calendar.date
        and earned.channel = all_channels.channel
),

rolling as (
    select
        *
        {%- for days in [7, 28] %},
        {%- for column in ['clicks', 'impressions', 'spend_usd', 'revenue_usd'] %}
        sum({{ column }}) over (
            partition by channel
            order by date
            rows between {{ days - 1 }} preceding and current row
        ) as {{ column }}_{{ days }}_days
        {{- ',' if not loop.last }}
        {%- endfor %}
        {%- endfor %}
    from daily
)

select
    date,
    channel,
    clicks,
    impressions,
    sessions,
    emails_sent,
    spend_usd,
    revenue_usd,
    {{ ratio('clicks', 'impressions', factor=100) }} as ctr,
    {{ ratio('revenue_usd', 'spend_usd') }} as roas
    {%- for days in [7, 28] %},
    cast(spend_usd_{{ days }}_days as decimal(18, 2)) as spend_usd_{{ days }}_days,
    cast(revenue_usd_{{ days }}_days as decimal(18, 2)) as revenue_usd_{{ days }}_days,
    {{ ratio('clicks_' ~ days ~ '_days', 'impressions_' ~ days ~ '_days', factor=100) }} as ctr_{{ days }}_days,
    {{ ratio('revenue_usd_' ~ days ~ '_days', 'spend_usd_' ~ days ~ '_days') }} as roas_{{ days }}_days
    {%- endfor %}
from rolling

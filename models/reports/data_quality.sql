-- What is odd about the data, source by source: how many rows each check looked at, and how many it found. Nothing of it keeps
-- numbers from being published. Rejected rows did not fit the columns of their file and are in no number; raw._rejects has them.
{%- set platforms = ['google_ads', 'facebook_ads', 'email_campaigns', 'web_traffic'] %}
{%- set checks = [
    ('google_ads', 'clicks above impressions', 'clicks > impressions'),
    ('facebook_ads', 'clicks above impressions', 'clicks > impressions'),
    ('google_ads', 'negative spend', 'spend_usd < 0'),
    ('facebook_ads', 'negative spend', 'spend_usd < 0'),
    ('email_campaigns', 'rate outside 0 to 1', 'open_rate not between 0 and 1 or click_rate not between 0 and 1'),
    ('email_campaigns', 'click rate above open rate', 'click_rate > open_rate'),
    ('web_traffic', 'rate outside 0 to 1', 'bounce_rate not between 0 and 1'),
    ('google_ads', 'no campaign', "campaign_id = 'Unknown'"),
    ('facebook_ads', 'no campaign', "campaign_id = 'Unknown'"),
    ('email_campaigns', 'no campaign', "campaign_id = 'Unknown'"),
] %}

with dated as (
    select
        platform as source,
        client_id,
        date
    from {{ ref('touchpoints') }}

    union all

    select
        'revenue' as source,
        client_id,
        date
    from {{ ref('stg_revenue') }}
),

rejected as (
    select
        source,
        count(*) as rows_found
    from {{ source('raw', '_rejects') }}
    group by
        source
),

loaded as (
    {%- for table in platforms + ['revenue', 'clients'] %}
    {%- if not loop.first %}

    union all
    {%- endif %}
    select
        '{{ table }}' as source,
        count(*) as rows_loaded
    from {{ source('raw', table) }}
    {%- endfor %}
),

last_day as (
    select max(date) as date
    from dated
),

sources as (
    select
        dated.source,
        count(*) as rows_checked,
        min(dated.date) as first_date,
        max(dated.date) as last_date,
        sum(case when clients.client_id is null then 1 else 0 end) as unknown_clients,
        sum(case when dated.date < clients.signup_date then 1 else 0 end) as before_signup
    from dated
    left join {{ ref('clients') }} as clients on clients.client_id = dated.client_id
    group by
        dated.source
),

found as (
    select
        loaded.source,
        'rejected row' as quality_check,
        loaded.rows_loaded + coalesce(rejected.rows_found, 0) as rows_checked,
        rejected.rows_found
    from loaded
    left join rejected on rejected.source = 'raw.' || loaded.source

    union all

    select
        source,
        'unknown client' as quality_check,
        rows_checked,
        unknown_clients as rows_found
    from sources

    union all

    select
        source,
        'activity before sign-up' as quality_check,
        rows_checked,
        before_signup as rows_found
    from sources

    union all

    select
        sources.source,
        'days behind the newest source' as quality_check,
        sources.rows_checked,
        {{ days_between('sources.last_date', 'last_day.date') }} as rows_found
    from sources
    cross join last_day
    {%- for source, name, condition in checks %}

    union all

    select
        '{{ source }}' as source,
        '{{ name }}' as quality_check,
        count(*) as rows_checked,
        sum(case when {{ condition }} then 1 else 0 end) as rows_found
    from {{ ref('touchpoints') }}
    where platform = '{{ source }}'
    {%- endfor %}

    union all

    select
        'revenue' as source,
        'unknown channel' as quality_check,
        count(*) as rows_checked,
        sum(case when channels.channel is null then 1 else 0 end) as rows_found
    from {{ ref('stg_revenue') }} as revenue
    left join {{ ref('channels') }} as channels on channels.channel = revenue.channel

    union all

    select
        'revenue' as source,
        'refund' as quality_check,
        count(*) as rows_checked,
        sum(case when revenue_usd < 0 then 1 else 0 end) as rows_found
    from {{ ref('stg_revenue') }}

    union all

    select
        platform as source,
        'unusual day (see anomalies)' as quality_check,
        count(*) as rows_checked,
        count(anomalous.date) as rows_found
    from {{ ref('daily_client_metrics') }} as daily
    left join (
        select distinct
            date,
            client_id,
            platform as unusual_platform
        from {{ ref('anomalies') }}
    ) as anomalous
        on anomalous.date = daily.date
        and anomalous.client_id = daily.client_id
        and anomalous.unusual_platform = daily.platform
    where daily.platform in ('google_ads', 'facebook_ads')
    group by
        platform
)

select
    source,
    quality_check,
    cast(rows_checked as bigint) as rows_checked,
    cast(coalesce(rows_found, 0) as bigint) as found,
    case
        when quality_check <> 'days behind the newest source' then {{ ratio('coalesce(rows_found, 0)', 'rows_checked', factor=100) }}
    end as percent_of_rows
from found
where rows_checked > 0

-- One row per raw row of the four platforms: the union of their columns. What a platform does not measure, or left out, is 0
-- where it is a number and Unknown where it is text; but conversions are NULL, for not to know them is not to have none.
--
-- Raw rows have no key of their own, and may even be equal in all columns. touch_number counts the rows of a client and day in
-- the order of their columns: a row gets the same number in whatever order the file has the rows, and which of two equal rows
-- comes first makes no difference.
--
-- To add a platform: clean it in models/cleaning, list its columns here and its channel in seeds/channels.csv.
{%- set platforms = [
    (ref('stg_google_ads'), ['campaign_id', 'device_type', 'geo', 'clicks', 'impressions', 'spend_usd', 'conversions']),
    (ref('stg_facebook_ads'), ['campaign_id', 'geo', 'clicks', 'impressions', 'spend_usd', 'conversions', 'platform_detail']),
    (ref('stg_email_campaigns'), ['campaign_id', 'emails_sent', 'open_rate', 'click_rate', 'subject_line']),
    (ref('stg_web_traffic'), ['pageviews', 'sessions', 'bounce_rate', 'avg_session_duration_seconds']),
] %}
{%- set columns = {
    'campaign_id': "'Unknown'",
    'device_type': "'Unknown'",
    'geo': "'Unknown'",
    'clicks': 'cast(0 as bigint)',
    'impressions': 'cast(0 as bigint)',
    'spend_usd': 'cast(0 as decimal(18, 2))',
    'conversions': 'cast(null as decimal(18, 2))',
    'emails_sent': 'cast(0 as bigint)',
    'open_rate': 'cast(0 as decimal(9, 6))',
    'click_rate': 'cast(0 as decimal(9, 6))',
    'subject_line': "'Unknown'",
    'pageviews': 'cast(0 as bigint)',
    'sessions': 'cast(0 as bigint)',
    'bounce_rate': 'cast(0 as decimal(9, 6))',
    'avg_session_duration_seconds': 'cast(0 as bigint)',
    'platform_detail': "'Unknown'",
} %}

with all_platforms as (
    {%- for cleaned, measured in platforms %}
    {%- if not loop.first %}

    union all
    {%- endif %}
    select
        platform,
        client_id,
        date,
        row_number() over (
            partition by
                client_id,
                date
            order by
                {{ measured | join(',\n                ') }}
        ) as touch_number,
        {%- for column, missing in columns.items() %}
        {%- if column in measured %}
        coalesce({{ column }}, {{ missing }}) as {{ column }}
        {%- else %}
        {{ missing }} as {{ column }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ cleaned }}
    {%- endfor %}
)

select
    all_platforms.platform
        || '/' || cast(all_platforms.date as varchar)
        || '/' || all_platforms.client_id
        || '/' || cast(all_platforms.touch_number as varchar) as touchpoint_id,
    all_platforms.client_id,
    all_platforms.date,
    all_platforms.platform,
    channels.channel,
    {%- for column in columns %}
    all_platforms.{{ column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from all_platforms
left join {{ ref('channels') }} as channels on channels.platform = all_platforms.platform

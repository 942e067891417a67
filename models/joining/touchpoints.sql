-- One row per raw row of the four platforms: the union of their columns. What a platform does not measure, or left out, is 0
-- where it is a number and Unknown where it is text.
--
-- To add a platform: clean it in models/cleaning, list its columns here and its channel in seeds/channels.csv.
{%- set platforms = [
    (ref('stg_google_ads'), ['campaign_id', 'device_type', 'geo', 'clicks', 'impressions', 'spend_usd']),
    (ref('stg_facebook_ads'), ['campaign_id', 'geo', 'clicks', 'impressions', 'spend_usd', 'platform_detail']),
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
    {% endif %}
    select
        platform,
        client_id,
        date,
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
),

-- Raw rows have no key of their own, and may even be equal in all columns. Counting the rows of a client, day and platform
-- in the order of all their columns gives the same rows the same numbers, in whatever order the file has them; which of two
-- equal rows comes first makes no difference.
numbered as (
    select
        platform,
        client_id,
        date,
        row_number() over (
            partition by
                client_id,
                date,
                platform
            order by
                {%- for column in columns %}
                {{ column }}
                {{- ',' if not loop.last }}
                {%- endfor %}
        ) as touch_number,
        {{ columns | join(',\n        ') }}
    from all_platforms
)

select
    numbered.platform || '/' || numbered.date || '/' || numbered.client_id || '/' || numbered.touch_number as touchpoint_id,
    numbered.client_id,
    numbered.date,
    numbered.platform,
    channels.channel,
    {%- for column in columns %}
    numbered.{{ column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
from numbered
left join {{ ref('channels') }} as channels on channels.platform = numbered.platform

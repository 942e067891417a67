-- The columns that name a row of each model do so. Returns the keys that name several.
{%- set keys = {
    'daily_revenue': ['client_id', 'date', 'channel'],
    'channel_days': ['client_id', 'date', 'channel'],
    'client_days': ['client_id', 'date'],
    'revenue_to_attribute': ['client_id', 'date', 'channel', 'kind'],
    'pooled_touch_days': ['client_id', 'date', 'kind'],
    'touch_campaigns': ['client_id', 'date', 'channel', 'campaign_id'],
    'pooled_campaigns': ['client_id', 'date', 'channel', 'campaign_id', 'kind'],
    'attribution_reconciliation': ['model', 'client_id', 'date'],
    'attribution_comparison': ['model', 'channel'],
    'channel_lift': ['channel', 'outcome', 'method'],
    'experiment_lift': ['experiment', 'method'],
    'campaign_performance': ['client_id', 'platform', 'campaign_id'],
    'geo_performance': ['platform', 'geo'],
    'daily_channel_metrics': ['date', 'channel'],
    'weekly_trends': ['week', 'channel'],
    'anomalies': ['date', 'client_id', 'platform', 'metric'],
    'data_quality': ['source', 'quality_check'],
    'unattributed_revenue': ['attribution', 'client_id', 'date', 'channel'],
    'daily_client_metrics': ['date', 'client_id', 'platform'],
    'daily_platform_metrics': ['date', 'platform'],
    'daily_client_spend': ['date', 'client_id'],
    'campaign_summary': ['client_id', 'campaign_id'],
} %}
{%- for model, columns in keys.items() %}
{%- if not loop.first %}

union all
{%- endif %}
select
    '{{ model }}' as model,
    {% for column in columns %}{{ " || '/' || " if not loop.first }}cast({{ column }} as varchar){% endfor %} as repeated_key,
    count(*) as times
from {{ ref(model) }}
group by
    {{ columns | join(',\n    ') }}
having count(*) > 1
{%- endfor %}

-- depends_on: {{ ref('events') }}
{{ config(materialized='view', meta={'owner': 'web', 'levels': [1, 2]}, tags=['x', 'y']) }}
{% set models = [] %}
{% if execute %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') %}
        {% do models.append(node.name) %}
    {% endfor %}
{% endif %}
select
    '{{ models | join(" ") }}' as models,
    '{{ config.get("materialized") }} {{ config.get("nosuch", "fallback") }}' as configured,
    '{{ config.get("meta")["levels"][1] if execute }}' as level,
    '{{ target.name }} {{ target.schema }} {{ target.type }}' as target,
    '{{ invocation_id | length }}' as invocation,
    '{{ run_started_at.strftime("%Y") | int > 2000 }}' as started,
    '{{ flags.FULL_REFRESH }}' as flag,
    '{{ project_name }} {{ builtins.ref("events").identifier }}' as project,
    '{{ var("nosuch", [1, 2]) | length }}' as var_default,
    '{{ env_var("WEB_NOSUCH", "unset") }}' as env_default,
    '{{ is_incremental() }}' as incremental,
    '{{ dbt_version.split(".")[0] }}' as major

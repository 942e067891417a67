{# The models that give credit for conversions to the touches before them, in the order they are listed everywhere. #}
{% macro journey_models() -%}
    {{- return(['first', 'last', 'last_non_direct', 'linear', 'position', 'w_shaped', 'time_decay']) -}}
{%- endmacro %}

{# The var attribution_model, refused unless it is one of those. #}
{% macro attribution_model() -%}
    {%- set model = var('attribution_model') -%}
    {%- if model not in journey_models() -%}
        {{- exceptions.raise_compiler_error(
            'attribution_model is ' ~ model ~ ': expected one of ' ~ journey_models() | join(', ')
        ) -}}
    {%- endif -%}
    {{- model -}}
{%- endmacro %}

{# The var lookback_days, refused unless it is a whole number of days, 0 or more. #}
{% macro lookback_days() -%}
    {%- set days = var('lookback_days') | string -%}
    {%- if days | int(-1) < 0 or days != days | int | string -%}
        {{- exceptions.raise_compiler_error('lookback_days is ' ~ days ~ ': expected a whole number of days, 0 or more') -}}
    {%- endif -%}
    {{- days -}}
{%- endmacro %}

{# The var half_life_days, refused unless it is above 0. #}
{% macro half_life_days() -%}
    {%- set days = var('half_life_days') -%}
    {%- if days | float(0) <= 0 -%}
        {{- exceptions.raise_compiler_error('half_life_days is ' ~ days ~ ': expected a number above 0') -}}
    {%- endif -%}
    {{- days -}}
{%- endmacro %}

{# The var bootstrap_replicates, refused unless it is a whole number above 0. #}
{% macro bootstrap_replicates() -%}
    {%- set times = var('bootstrap_replicates') | string -%}
    {%- if times | int(0) < 1 or times != times | int | string -%}
        {{- exceptions.raise_compiler_error('bootstrap_replicates is ' ~ times ~ ': expected a whole number, 1 or more') -}}
    {%- endif -%}
    {{- times -}}
{%- endmacro %}

{# 1 where a channel is one of the var direct_channels, which last_non_direct passes over, else 0. #}
{% macro is_direct(channel) -%}
    {%- set channels = var('direct_channels') -%}
    {%- if channels is string or channels is mapping or channels is not iterable -%}
        {{- exceptions.raise_compiler_error('direct_channels is ' ~ channels ~ ': expected a list, as in [organic], or []') -}}
    {%- endif -%}
    {%- if channels -%}
    case when {{ channel }} in ({% for name in channels %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %}) then 1 else 0 end
    {%- else -%}
    0
    {%- endif -%}
{%- endmacro %}

{%- set ns = namespace(total=0, seen=[]) -%}
{%- for t in event_types() if t != 'click' -%}
    {%- set ns.total = ns.total + loop.index -%}
    {%- do ns.seen.append(t) -%}
{%- endfor -%}
{%- set labels = {} -%}
{%- for a, b in zip(['v', 'c'], event_types()) -%}
    {%- do labels.update({a: b}) -%}
{%- endfor -%}
{% set columns -%}
    visitor, event_type
{%- endset %}
with base as (
    select {{ columns }} from {{ ref('events') }}
    where event_type in ({{ quoted_list(event_types()) }})
)
{% for w in var('windows') %}
{%- if not loop.first %} union all {% endif %}
select '{{ w.name }}' as name, {{ w['days'] }} as days, {{ loop.index0 }} as position, {{ loop.length }} as length,
    {{ loop.revindex }} as rev, '{{ loop.cycle("odd", "even") }}' as parity, {{ ns.total }} as total,
    '{{ ns.seen | join("+") }}' as seen, '{{ labels | tojson }}' as labels, (select count(*) from base) as rows_read
{%- endfor %}

{{ config(incremental_strategy='merge', unique_key='id', incremental_predicates=['DBT_INTERNAL_DEST.id > 2']) }}
select id, page, seconds from {{ ref('views') }}
{% if is_incremental() %} where id > 2 {% endif %}

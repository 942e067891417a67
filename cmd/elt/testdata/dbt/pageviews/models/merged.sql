{{ config(incremental_strategy='merge', unique_key='id') }}
select id, page, seconds, referrer from {{ ref('views') }}
{% if is_incremental() %} where id != 3 {% endif %}

{{ config(incremental_strategy='delete+insert', unique_key='page') }}
select page, cast(viewed_at as date) as day, count(*) as views, sum(seconds) as seconds
from {{ ref('views') }}
{% if is_incremental() %}
where page != '/help'
{% endif %}
group by all

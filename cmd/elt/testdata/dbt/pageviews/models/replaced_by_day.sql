{{ config(incremental_strategy='delete+insert', unique_key=['page', 'day'],
          incremental_predicates=["DBT_INCREMENTAL_TARGET.day >= date '2024-06-02'"]) }}
select page, cast(viewed_at as date) as day, count(*) as views, sum(seconds) as seconds
from {{ ref('views') }}
group by all

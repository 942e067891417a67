{{ config(unique_key='id', on_schema_change='sync_all_columns') }}
select id, page{% if var('more_columns', false) %}, seconds, cast('x' as varchar) as mark{% else %}, referrer{% endif %}
from {{ ref('views') }}

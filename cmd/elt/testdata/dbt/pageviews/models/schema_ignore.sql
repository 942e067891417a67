{{ config(unique_key='id', on_schema_change='ignore') }}
select id, page{% if var('more_columns', false) %}, seconds, cast('x' as varchar) as mark{% else %}, referrer{% endif %}
from {{ ref('views') }}

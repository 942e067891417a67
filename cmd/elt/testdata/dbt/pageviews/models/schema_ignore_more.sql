{{ config(unique_key='id') }}
select id, page{% if var('more_columns', false) %}, seconds{% endif %}
from {{ ref('views') }}

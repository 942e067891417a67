{{ config(materialized='table') }}
select id, count(*) as versions, count(*) filter (where valid_to = timestamp '9999-12-31') as open
from {{ ref('plans_current') }}
group by id

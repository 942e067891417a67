{{ config(materialized='view') }}
select count(*) as rows_of_append, (select sum(seconds) from {{ ref('merged') }}) as seconds from {{ ref('appended') }}

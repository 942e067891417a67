{{ config(materialized='view', post_hook="{% do grant_like(this) %}") }}
select count(*) as pages from {{ ref('pages') }}

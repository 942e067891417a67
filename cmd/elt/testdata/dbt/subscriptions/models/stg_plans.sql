{{ config(materialized="table") }}
select id, customer, plan, coalesce(seats, 0) as seats, updated_at from {{ ref('plans') }}

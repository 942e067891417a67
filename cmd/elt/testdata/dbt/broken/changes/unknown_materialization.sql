{{ config(materialized='nosuch') }} select 1 as id

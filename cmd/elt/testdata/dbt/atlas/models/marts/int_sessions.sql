{{ config(materialized='ephemeral', tags=['hidden']) }} select c.id from {{ ref('stg_clicks') }} as c join {{ ref('stg_visits') }} as v using (id)

{{ config(materialized='incremental', tags=['nightly', 'heavy']) }} select s.id, c.name from {{ ref('sessions') }} as s join {{ ref('stg_contacts') }} as c using (id)

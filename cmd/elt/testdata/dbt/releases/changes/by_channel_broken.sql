select nosuch from {{ ref('stg_touches') }}

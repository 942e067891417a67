select id, name from {{ source('web', 'clicks') }}

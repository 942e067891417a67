select id, name from {{ source('web', 'visits') }}

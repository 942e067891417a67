select id, channel from {{ ref('touches') }}

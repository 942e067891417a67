select id, upper(channel) as channel from {{ ref('touches') }}

select count(*) as channels, {{ label() }} as version from {{ ref('by_channel') }}

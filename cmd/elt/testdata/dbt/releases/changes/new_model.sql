select channel, 1 as added from {{ ref('unrelated') }}, {{ ref('by_channel') }}

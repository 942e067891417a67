-- One row per client, day and channel with a touchpoint. Touchpoints of a platform that the seed channels does not know are
-- here as no channel.
select
    client_id,
    date,
    coalesce(channel, 'no channel') as channel,
    count(*) as touchpoints,
    cast(sum({{ to_cents('spend_usd') }}) as bigint) as spend_cents
from {{ ref('touchpoints') }}
group by
    client_id,
    date,
    coalesce(channel, 'no channel')

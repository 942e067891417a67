-- The touchpoints of each client, day and campaign, and the places they take among the touchpoints of the day: from
-- places_before + 1 to places_through.
select
    client_id,
    date,
    channel,
    campaign_id,
    count(*) as touchpoints,
    min(place) - 1 as places_before,
    max(place) as places_through
from {{ ref('touch_places') }}
group by
    client_id,
    date,
    channel,
    campaign_id

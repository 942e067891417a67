-- Made-up touches for example_journeys.
select
    touches.journey_id,
    cast(touches.touched_at as date) as touched_at,
    touches.channel,
    touches.campaign_id,
    cast(touches.weight as bigint) as weight
from (
    values
        ('anna', '2025-03-01', 'google_ads', 'G001', 1),
        ('anna', '2025-03-06', 'facebook', 'FB001', 1),
        ('anna', '2025-03-13', 'email', 'E001', 1),
        ('anna', '2025-03-31', 'direct', null, 1)
) as touches (journey_id, touched_at, channel, campaign_id, weight)

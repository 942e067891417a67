-- Made-up conversions for example_journeys; nobody saw Ben before he bought.
select
    conversions.journey_id,
    cast(conversions.converted_at as date) as converted_at,
    cast(conversions.value as decimal(18, 2)) as value
from (
    values
        ('anna', '2025-03-31', 1000.00),
        ('ben', '2025-03-31', 50.00)
) as conversions (journey_id, converted_at, value)

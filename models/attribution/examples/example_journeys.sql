-- The same journeys under every model that reads journeys: how to call attribute_journeys, and what comes out of it.
{%- for model in var('example_journey_models', journey_models()) %}
{%- if not loop.first %}

union all
{%- endif %}

select
    '{{ model }}' as model,
    *
from (
    {{ attribute_journeys(
        touches=ref('example_touches'),
        conversions=ref('example_conversions'),
        model=model,
        lookback_days=var('lookback_days'),
        half_life_days=var('half_life_days'),
        weight='weight',
    ) | indent(4) }}
) as {{ model }}
{%- endfor %}

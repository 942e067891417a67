-- The same paths under every model that reads paths: how to call attribute_paths, and what comes out of it.
{%- for model in var('example_path_models', ['first', 'last', 'linear', 'position', 'markov', 'shapley']) %}
{%- if not loop.first %}

union all
{%- endif %}

select
    '{{ model }}' as model,
    channel,
    conversions,
    value
from (
    {{ attribute_paths(paths=ref('example_paths'), model=model) | indent(4) }}
) as {{ model }}
{%- endfor %}

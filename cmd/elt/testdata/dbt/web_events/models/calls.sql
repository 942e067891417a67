select
    visitor,
    {% call(column) wrapped('value') %}sum({{ column }}){% endcall %} as value,
    '{{ named("p", 1, none, k="v", z=2.0) }}' as named,
    '{{ first_of([none, "second"]) }}' as first_of,
    '{{ first_of([none], "fallback") }}' as fallback,
    {{ day_of('min(occurred_at)') }} as first_day,
    {{ dbt.hash('visitor') }} as hashed,
    '{{ busiest(ref("events")) }}' as busiest,
    {% filter upper %}'done {{ "now" }}'{% endfilter %} as filtered
from {{ ref('events') }}
group by visitor

select '{{ var('nosuch') }}' as v

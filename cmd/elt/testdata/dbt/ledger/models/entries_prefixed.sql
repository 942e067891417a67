select {{ toolbox.star(from=ref('entries_2024'), prefix='e_') }} from {{ ref('entries_2024') }}

{{ config(unique_key='id', full_refresh=true) }}
select id, '{{ is_incremental() }}' as incremental from {{ ref('views') }}

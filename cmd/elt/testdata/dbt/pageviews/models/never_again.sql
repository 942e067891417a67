{{ config(unique_key='id', full_refresh=false) }}
select id, '{{ is_incremental() }}' as incremental from {{ ref('views') }}

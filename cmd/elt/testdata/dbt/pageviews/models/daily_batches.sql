{{ config(incremental_strategy='microbatch', event_time='day', batch_size='day', begin='2024-06-01', lookback=2) }}
select
    date_trunc('day', viewed_at) as day,
    count(*) as views,
    (select count(*) from {{ ref('views').render() }}) as all_views,
    '{{ model.batch.id if model.batch }}' as batch,
    '{{ model.batch.event_time_start if model.batch }}' as batch_start,
    '{{ is_incremental() }}' as incremental
from {{ ref('views') }}
group by 1

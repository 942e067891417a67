{{ config(incremental_strategy='microbatch', event_time='viewed_at', batch_size='day', begin='2024-06-01', lookback=1) }}
select id, page, viewed_at, seconds from {{ ref('views') }}

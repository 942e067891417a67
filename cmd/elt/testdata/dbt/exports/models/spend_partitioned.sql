{{ config(materialized='external', location='data/spend_by_channel', options={'partition_by': 'channel', 'overwrite_or_ignore': true, 'codec': 'zstd'}, format='parquet') }}
select * from {{ ref('spend') }}

{{ config(incremental_strategy='merge', unique_key=['id'], merge_update_columns=['seconds']) }}
select id, page, seconds, referrer from {{ ref('views') }}

{{ config(incremental_strategy='merge', unique_key=['id', 'page'], merge_exclude_columns=['seconds']) }}
select id, page, seconds, referrer from {{ ref('views') }}

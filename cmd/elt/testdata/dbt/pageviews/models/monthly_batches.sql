{{ config(incremental_strategy='microbatch', event_time='month', batch_size='month', begin=modules.datetime.datetime(2024, 4, 15), on_schema_change='append_new_columns') }}
select date_trunc('month', viewed_at) as month, sum(seconds) as seconds{% if var('more_columns', false) %}, max(page) as last_page{% endif %}
from {{ ref('views') }} as v
group by 1

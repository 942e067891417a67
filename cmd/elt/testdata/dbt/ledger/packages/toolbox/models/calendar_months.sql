select cast(month as date) as month, row_number() over (order by month) as position
from generate_series(date '{{ var("toolbox_start") }}', date '2024-06-01', interval 1 month) as months(month)

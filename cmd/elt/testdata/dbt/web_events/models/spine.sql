{{ dbt.date_spine('day', "cast('2024-05-01' as date)", "cast('2024-05-05' as date)") }}

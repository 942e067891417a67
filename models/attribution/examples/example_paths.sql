-- Made-up paths for example_paths_credits.
select
    paths.path,
    cast(paths.total_conversions as bigint) as total_conversions,
    cast(paths.total_conversion_value as decimal(18, 2)) as total_conversion_value,
    cast(paths.total_null as bigint) as total_null
from (
    values
        ('direct', 2, 200.00, 5),
        ('search > email', 3, 300.00, 4),
        ('search > social > email', 5, 500.00, 1)
) as paths (path, total_conversions, total_conversion_value, total_null)

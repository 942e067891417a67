-- Clicks as the platforms report them: email and web traffic report none.
select
    platform,
    cast(sum(clicks) as bigint) as clicks
from {{ ref('daily_platform_metrics') }}
group by
    platform

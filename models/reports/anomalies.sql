-- Days on which a client's spend, clicks or click-through rate on a platform were far from what is usual there: more than 3.5
-- robust standard deviations from the median (Iglewicz and Hoaglin 1993: 0.6745 * (value - median) / median absolute deviation). A
-- mean would move with the very days that are looked for. Clients with under 14 days on a platform have no usual yet.
with measured as (
    select
        date,
        client_id,
        platform,
        'spend' as metric,
        cast(spend_usd as double) as value
    from {{ ref('daily_client_metrics') }}
    where platform in ('google_ads', 'facebook_ads')

    union all

    select
        date,
        client_id,
        platform,
        'clicks' as metric,
        cast(clicks as double) as value
    from {{ ref('daily_client_metrics') }}
    where platform in ('google_ads', 'facebook_ads')

    union all

    select
        date,
        client_id,
        platform,
        'ctr' as metric,
        ctr as value
    from {{ ref('daily_client_metrics') }}
    where ctr is not null
),

medians as (
    select
        client_id,
        platform,
        metric,
        {{ median_of('value') }} as median
    from measured
    group by
        client_id,
        platform,
        metric
    having count(*) >= 14
),

deviations as (
    select
        measured.date,
        measured.client_id,
        measured.platform,
        measured.metric,
        measured.value,
        medians.median,
        abs(measured.value - medians.median) as deviation
    from measured
    inner join medians
        on medians.client_id = measured.client_id
        and medians.platform = measured.platform
        and medians.metric = measured.metric
),

spreads as (
    select
        client_id,
        platform,
        metric,
        {{ median_of('deviation') }} as median_deviation
    from deviations
    group by
        client_id,
        platform,
        metric
),

scored as (
    select
        deviations.date,
        deviations.client_id,
        deviations.platform,
        deviations.metric,
        deviations.value,
        deviations.median,
        spreads.median_deviation,
        0.6745 * (deviations.value - deviations.median) / spreads.median_deviation as robust_z
    from deviations
    inner join spreads
        on spreads.client_id = deviations.client_id
        and spreads.platform = deviations.platform
        and spreads.metric = deviations.metric
    where spreads.median_deviation > 0
)

select
    date,
    client_id,
    platform,
    metric,
    round(value, 6) as value,
    round(median, 6) as usual_value,
    round(median_deviation, 6) as usual_deviation,
    round(robust_z, 2) as robust_z,
    case when robust_z > 0 then 'high' else 'low' end as direction
from scored
where abs(robust_z) > 3.5

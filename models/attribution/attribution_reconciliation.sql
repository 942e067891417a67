-- Where all revenue went, for each of the two attributions. revenue_usd comes straight from the cleaned file,
-- attributed_usd from the finished table, unattributed_usd from a model that looks at neither: a difference is an error.
with revenue as (
    select coalesce(sum(revenue_usd), 0) as revenue_usd
    from {{ ref('stg_revenue') }}
),

attributed as (
    select
        coalesce(sum(attributed_revenue_from_source_usd), 0) as from_source_usd,
        coalesce(sum(attributed_revenue_model_usd), 0) as model_usd
    from {{ ref('marketing_analytics') }}
),

unattributed as (
    select
        coalesce(sum(case when attribution = 'from_source' then revenue_usd end), 0) as from_source_usd,
        coalesce(sum(case when attribution = 'model' then revenue_usd end), 0) as model_usd
    from {{ ref('unattributed_revenue') }}
),

reconciled as (
    select
        'from_source' as attribution,
        revenue.revenue_usd,
        attributed.from_source_usd as attributed_usd,
        unattributed.from_source_usd as unattributed_usd
    from revenue
    cross join attributed
    cross join unattributed

    union all

    select
        'model' as attribution,
        revenue.revenue_usd,
        attributed.model_usd as attributed_usd,
        unattributed.model_usd as unattributed_usd
    from revenue
    cross join attributed
    cross join unattributed
)

select
    attribution,
    cast(revenue_usd as decimal(18, 2)) as revenue_usd,
    cast(attributed_usd as decimal(18, 2)) as attributed_usd,
    cast(unattributed_usd as decimal(18, 2)) as unattributed_usd,
    cast(revenue_usd - attributed_usd - unattributed_usd as decimal(18, 2)) as difference_usd,
    {{ ratio('attributed_usd', 'revenue_usd', factor=100) }} as attributed_percent
from reconciled

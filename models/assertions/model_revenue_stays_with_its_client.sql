-- The pooled model of the wide table gives all revenue of a client to that client's touchpoints or to nobody, to the cent. Returns the
-- clients where it did otherwise.
with revenue as (
    select
        client_id,
        sum(revenue_cents) as revenue_cents
    from {{ ref('daily_revenue') }}
    group by
        client_id
),

given as (
    select
        client_id,
        attributed_revenue_model_usd as given_usd
    from {{ ref('marketing_analytics') }}

    union all

    select
        client_id,
        revenue_usd as given_usd
    from {{ ref('unattributed_revenue') }}
    where attribution = 'model'
),

given_by_client as (
    select
        client_id,
        sum({{ to_cents('given_usd') }}) as given_cents
    from given
    group by
        client_id
)

select
    coalesce(revenue.client_id, given_by_client.client_id) as client_id,
    coalesce(revenue.revenue_cents, 0) as revenue_cents,
    coalesce(given_by_client.given_cents, 0) as given_cents
from revenue
full outer join given_by_client on given_by_client.client_id = revenue.client_id
where coalesce(revenue.revenue_cents, 0) <> coalesce(given_by_client.given_cents, 0)

-- Do clients earn more on days with a channel than on their own days without it? With intervals, since a ranking of channels
-- by attributed revenue cannot tell cause from chance.
with lift as (
    {{ lift(
        units=ref('lift_units'),
        outcomes=['own', 'other', 'total'],
        replicates=bootstrap_replicates(),
    ) | indent(4) }}
)

select
    channel,
    outcome,
    method,
    n_exposed,
    n_unexposed,
    n_clusters,
    mean_exposed,
    mean_unexposed,
    diff,
    lift_pct,
    se,
    ci_low,
    ci_high,
    p_value,
    incremental_revenue,
    incremental_revenue_low,
    incremental_revenue_high,
    spend,
    iroas,
    iroas_low,
    iroas_high,
    verdict,
    case
        when verdict = 'insufficient_control' then
            'too few client-days with or without the channel, or too few clients with both, to say anything'
        when outcome = 'own' then
            'tautological: revenue.csv books revenue to a channel because the channel was there'
        when method = 'welch' then
            'compares different clients with each other; read the row of client_fixed_effects'
        when outcome = 'total' then
            'contains own, which is tautological; read the row of other'
        else 'not an experiment: whatever makes a client use the channel and earn more on the same day counts as its effect'
    end as caveat
from lift

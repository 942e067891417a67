{#
    Who gets the credit where only paths and their counts are known, one row per channel: channel, conversions, value.

        {{ attribute_paths(paths=ref('paths'), model='markov') }}

    paths        a ref or a CTE with a path such as `search > social > email`, how many journeys that went this way converted,
                 what they were worth in dollars, and how many came to nothing. Rows of the same path add up
    model        first, last, linear  the same as for journeys; a channel that comes twice earns twice
                 position             position_weights to the first step, those between and the last: 40/20/40; two steps get
                                      50/50, a single one all
                 markov               in proportion to the removal effects of a Markov chain, see markov_removal_effects
                 shapley              the Shapley value of the game in which a coalition of channels is worth the journeys
                                      that only it touched. It comes down to an equal split over the distinct channels of a
                                      journey: a journey is a unanimity game, whose value its players share alike, and the
                                      Shapley value of a sum of games is the sum of their values
    conversions, value, nulls   columns of paths; value and nulls may be none

    Sources: Anderl et al., Mapping the customer journey (2016), for markov; Shapley, A value for n-person games (1953).

    conversions has six decimals. value is split to the cent by the largest remainder method: it adds up to the value of all
    paths. A channel that earns nothing is there with 0.
#}
{% macro attribute_paths(
    paths, model='markov', path='path', separator=' > ', conversions='total_conversions', value='total_conversion_value',
    nulls='total_null', position_weights=[40, 20, 40]
) -%}
    {%- set models = ['first', 'last', 'linear', 'position', 'markov', 'shapley'] -%}
    {%- if model not in models -%}
        {{- exceptions.raise_compiler_error('there is no attribution model ' ~ model ~ ' for paths: expected one of ' ~ models | join(', ')) -}}
    {%- endif -%}
    with {{ path_ctes(paths, path, separator, conversions, value, nulls) }},

    {% if model == 'markov' -%}
    effects as (
        {{ markov_removal_effects(paths, path, separator, conversions, nulls) | indent(8) }}
    ),

    totals as (
        select
            sum(path_conversions) as conversions,
            sum(path_cents) as cents
        from counted_paths
    ),

    credits as (
        select
            effects.channel,
            coalesce(effects.credit, 0) * cast(coalesce(totals.conversions, 0) as double) as conversions,
            coalesce(effects.credit, 0) * cast(coalesce(totals.cents, 0) as double) as cents
        from effects
        cross join totals
    ),
    {%- else -%}
    {%- if model == 'shapley' -%}
    channels_of_paths as (
        select
            path_number,
            channel,
            1 as step_weight
        from steps
        group by
            path_number,
            channel
    ),
    {%- else -%}
    channels_of_paths as (
        select
            path_number,
            channel,
            {% if model == 'first' -%}
            case when step = 1 then 1 else 0 end as step_weight
            {%- elif model == 'last' -%}
            case when step = steps_of_path then 1 else 0 end as step_weight
            {%- elif model == 'linear' -%}
            1 as step_weight
            {%- else -%}
            {%- set first, between, last = position_weights -%}
            case
                when steps_of_path = 1 then 1
                when step = 1 then {{ first }} * greatest(steps_of_path - 2, 1)
                when step = steps_of_path then {{ last }} * greatest(steps_of_path - 2, 1)
                else {{ between }}
            end as step_weight
            {%- endif %}
        from steps
    ),
    {%- endif %}

    weights_of_paths as (
        select
            path_number,
            sum(step_weight) as weight_of_all
        from channels_of_paths
        group by
            path_number
    ),

    credits as (
        select
            channels_of_paths.channel,
            sum(cast(
                cast(counted_paths.path_conversions as double) * channels_of_paths.step_weight / weights_of_paths.weight_of_all
                as decimal(38, 12)
            )) as conversions,
            sum(cast(
                cast(counted_paths.path_cents as double) * channels_of_paths.step_weight / weights_of_paths.weight_of_all
                as decimal(38, 12)
            )) as cents
        from channels_of_paths
        inner join weights_of_paths on weights_of_paths.path_number = channels_of_paths.path_number
        inner join counted_paths on counted_paths.path_number = channels_of_paths.path_number
        group by
            channels_of_paths.channel
    ),
    {%- endif %}

    to_split as (
        select
            1 as everything,
            channel,
            conversions,
            cast(cents as double) * 1000000 as cents_weight,
            (select coalesce(sum(path_cents), 0) from counted_paths) as cents_of_all
        from credits
    ),

    split as (
        {{ split_by_weights(
            rows='to_split',
            amount='cents_of_all',
            weights={'value': 'cents_weight'},
            within=['everything'],
            row=['channel'],
            keep=['conversions'],
        ) | indent(8) }}
    )

    select
        channel,
        round(cast(conversions as double), 6) as conversions,
        {{ to_usd('value_cents') }} as value
    from split
{%- endmacro %}

{#
    The order 1 Markov chain of the paths: the channels, (start), (conversion) and (null) are its states. One row per
    transition that was seen: from_channel, to_channel, transitions, probability. A channel twice in a row is a transition to
    itself.
#}
{% macro markov_transitions(
    paths, path='path', separator=' > ', conversions='total_conversions', nulls='total_null'
) -%}
    with {{ path_ctes(paths, path, separator, conversions, none, nulls) }},

    moves as (
        select
            coalesce(earlier.channel, '(start)') as from_channel,
            steps.channel as to_channel,
            counted_paths.path_conversions + counted_paths.path_nulls as transitions
        from steps
        inner join counted_paths on counted_paths.path_number = steps.path_number
        left join steps as earlier
            on earlier.path_number = steps.path_number
            and earlier.step = steps.step - 1

        union all

        select
            steps.channel as from_channel,
            '(conversion)' as to_channel,
            counted_paths.path_conversions as transitions
        from steps
        inner join counted_paths on counted_paths.path_number = steps.path_number
        where steps.step = steps.steps_of_path

        union all

        select
            steps.channel as from_channel,
            '(null)' as to_channel,
            counted_paths.path_nulls as transitions
        from steps
        inner join counted_paths on counted_paths.path_number = steps.path_number
        where steps.step = steps.steps_of_path
    ),

    transitions as (
        select
            from_channel,
            to_channel,
            sum(transitions) as transitions
        from moves
        group by
            from_channel,
            to_channel
        having sum(transitions) > 0
    )

    select
        from_channel,
        to_channel,
        transitions,
        cast(transitions as double) / cast(sum(transitions) over (partition by from_channel) as double) as probability
    from transitions
{%- endmacro %}

{#
    How much less would convert without a channel, exactly, one row per channel: channel, removal_effect (a fraction of all
    conversions), credit (the removal effects made to add up to 1).

    Removing a channel sends all who would come to it to (null). What is lost are the journeys that come to the channel at
    least once and convert, so that no chain has to be solved again for each channel:

        N = (I - Q)^-1                         the fundamental matrix, Q the transitions among channels and (start)
        converts(i) = sum over j of N(i, j) * probability(j, conversion)
        visits(i)   = N(start, i) / N(i, i)    the probability to come to i at all
        removal_effect(i) = visits(i) * converts(i) / converts(start)

    N comes from Gauss-Jordan elimination in place: a recursion with one step for each state, each of which reads the matrix
    once. I - Q is diagonally dominant and every state leads to an end, so that no pivot is 0 and none need be searched for.
    Sources: Kemeny and Snell, Finite Markov Chains (1960), chapter 3; Anderl et al. (2016).
#}
{% macro markov_removal_effects(
    paths, path='path', separator=' > ', conversions='total_conversions', nulls='total_null'
) -%}
    with recursive transitions as (
        {{ markov_transitions(paths, path, separator, conversions, nulls) | indent(8) }}
    ),

    states as (
        select
            from_channel as channel,
            row_number() over (order by case when from_channel = '(start)' then 0 else 1 end, from_channel) as state
        from transitions
        group by
            from_channel
    ),

    -- I - Q, a row for each cell.
    identity_less_q as (
        select
            states.state as from_state,
            other_states.state as to_state,
            case when states.state = other_states.state then 1 else 0 end - coalesce(transitions.probability, 0) as cell
        from states
        cross join states as other_states
        left join transitions
            on transitions.from_channel = states.channel
            and transitions.to_channel = other_states.channel
    ),

    elimination as (
        select
            cast(1 as bigint) as turn,
            from_state,
            to_state,
            cell
        from identity_less_q

        union all

        select
            turn + 1 as turn,
            from_state,
            to_state,
            case
                when from_state = turn and to_state = turn then 1 / pivot_cell
                when from_state = turn then cell / pivot_cell
                when to_state = turn then -cell / pivot_cell
                else cell - cell_in_pivot_column * cell_in_pivot_row / pivot_cell
            end as cell
        from (
            select
                turn,
                from_state,
                to_state,
                cell,
                max(case when to_state = turn then cell end) over (partition by from_state) as cell_in_pivot_column,
                max(case when from_state = turn then cell end) over (partition by to_state) as cell_in_pivot_row,
                max(case when from_state = turn and to_state = turn then cell end) over () as pivot_cell,
                max(from_state) over () as states_of_all
            from elimination
        ) as around_the_pivot
        where turn <= states_of_all
    ),

    fundamental as (
        select
            from_state,
            to_state,
            cell
        from elimination
        where turn = (select max(state) + 1 from states)
    ),

    converting as (
        select
            fundamental.from_state as state,
            cast(sum(cast(fundamental.cell * coalesce(transitions.probability, 0) as decimal(38, 18))) as double) as probability
        from fundamental
        inner join states on states.state = fundamental.to_state
        left join transitions
            on transitions.from_channel = states.channel
            and transitions.to_channel = '(conversion)'
        group by
            fundamental.from_state
    ),

    effects as (
        select
            states.channel,
            case
                when from_start.probability = 0 then 0
                else visits.cell / stays.cell * converting.probability / from_start.probability
            end as removal_effect
        from states
        inner join converting on converting.state = states.state
        inner join converting as from_start on from_start.state = 1
        inner join fundamental as visits
            on visits.from_state = 1
            and visits.to_state = states.state
        inner join fundamental as stays
            on stays.from_state = states.state
            and stays.to_state = states.state
        where states.state > 1
    )

    select
        channel,
        round(removal_effect, 12) as removal_effect,
        round(
            removal_effect / nullif((select cast(sum(cast(removal_effect as decimal(38, 18))) as double) from effects), 0), 12
        ) as credit
    from effects
{%- endmacro %}

{# counted_paths, one row per path, and steps, one row per channel on it; neither has paths that nobody took. #}
{% macro path_ctes(paths, path, separator, conversions, value, nulls) -%}
    counted_paths as (
        select
            {{ path }} as path,
            row_number() over (order by {{ path }}) as path_number,
            sum(coalesce({{ conversions }}, 0)) as path_conversions,
            cast(sum({{ to_cents('coalesce(' ~ value ~ ', 0)') if value else 0 }}) as bigint) as path_cents,
            sum({{ 'coalesce(' ~ nulls ~ ', 0)' if nulls else 0 }}) as path_nulls
        from {{ paths }}
        where nullif(trim({{ path }}), '') is not null
        group by
            {{ path }}
    ),

    split_paths as (
        {{ split_to_rows('counted_paths', 'path', separator | trim, ['path_number']) | indent(8) }}
    ),

    steps as (
        select
            path_number,
            trim(part) as channel,
            row_number() over (partition by path_number order by part_number) as step,
            count(*) over (partition by path_number) as steps_of_path
        from split_paths
        where trim(part) <> ''
    )
{%- endmacro %}

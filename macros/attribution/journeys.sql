{#
    Who gets the credit for a conversion: one row per conversion and touch before it, by one model.

        {{ attribute_journeys(touches=ref('touches'), conversions=ref('orders'), model='time_decay', lookback_days=30) }}

    touches      a ref or a CTE: journey key, time, channel, campaign, weight. Touches that agree in all but the weight are one
    conversions  a ref or a CTE: journey key, time, value in dollars. Those of one journey and time are one, with their sum,
                 unless `conversion` lists columns that tell them apart, such as [order_id]
    model        first            all to the earliest touch
                 last             all to the latest
                 last_non_direct  all to the latest whose channel is not in direct_channels; where there is none, to the latest
                 linear           the same to each
                 position         position_weights to the first, those between and the last: 40/20/40, as Google Analytics had
                                  it. Two touches get what the first and the last get, 50/50; a single one gets all
                 w_shaped         w_shaped_weights to the first, the middle, the last, and all others: 30/30/30/10. The middle
                                  is the touch with `milestone`, else the one halfway. Shares nobody takes go to the others
                                  in proportion
                 time_decay       2 ^ (-age / half_life_days) each, age in days, as in Google Ads (7 days)
    lookback_days  a touch counts from this many days before the conversion, to the second, up to the conversion itself; none
                   for ever
    weight       column of touches; none where all weigh the same. A share is split by weight where the model has no opinion:
                 linear and time_decay multiply by it, and the others split by it among touches at the same moment. A missing
                 or negative weight is 0, and a touch of weight 0 is left out, unless all touches of the conversion are

    Touches at the same moment have the same position, so nothing depends on the order of the rows.

    Columns: <journey>, <converted_at>, <conversion…>, conversion_cents, <touched_at>, channel, campaign, age_days, position, positions (both
    counted in moments), raw_weight (before the weights are made to add up to 1), share, attributed_cents,
    unattributed_cents. A conversion without a touch has one row, with neither touch nor share and its value as
    unattributed_cents. The two sums of cents add up to the value of each conversion, by the largest remainder method.
#}
{% macro attribute_journeys(
    touches, conversions, model='time_decay', lookback_days=30, half_life_days=7,
    journey='journey_id', touched_at='touched_at', channel='channel', campaign='campaign_id', weight=none,
    converted_at='converted_at', value='value', direct_channels=['direct'],
    position_weights=[40, 20, 40], w_shaped_weights=[30, 30, 30, 10], milestone=none, conversion=[]
) -%}
    with journeys as (
        {{ attribute_journeys_by_models(
            touches, conversions, [model], lookback_days, half_life_days, journey, touched_at, channel, campaign, weight,
            converted_at, to_cents(value), direct_channels, position_weights, w_shaped_weights, milestone, conversion
        ) | indent(8) }}
    ),

    weights as (
        select
            *,
            sum({{ model }}_weight) over (partition by {{ ([journey, converted_at] + conversion) | join(', ') }}) as weight_of_all
        from journeys
    )

    select
        {{ ([journey, converted_at] + conversion) | join(',\n        ') }},
        conversion_cents,
        {{ touched_at }},
        channel,
        campaign,
        age_days,
        position,
        positions,
        cast({{ model }}_weight as double) / {{ weight_unit() }} as raw_weight,
        cast({{ model }}_weight as double) / cast(weight_of_all as double) as share,
        coalesce({{ model }}_cents, 0) as attributed_cents,
        case when {{ model }}_cents is null then conversion_cents else 0 end as unattributed_cents
    from weights
{%- endmacro %}

{# Weights are whole numbers; this many are a weight of 1. #}
{% macro weight_unit() -%}
    1000000000
{%- endmacro %}

{#
    The same by several models at once: columns <journey>, <converted_at>, <conversion…>, conversion_cents, <touched_at>, channel, campaign,
    age_days, position, positions, and for each model <model>_weight and <model>_cents; both are missing where a conversion has
    no touch.

    value_cents        the value of a conversion as an expression in cents
    non_direct_weight  expression to use in place of direct_channels: the part of a touch's weight that is not direct
    one_at_a_time      true where no two touches of a journey share a moment, which saves work: first, last and last_non_direct
                       have nothing to split then, and no column <model>_weight
#}
{% macro attribute_journeys_by_models(
    touches, conversions, models, lookback_days=30, half_life_days=7,
    journey='journey_id', touched_at='touched_at', channel='channel', campaign='campaign_id', weight=none,
    converted_at='converted_at', value_cents='value_cents', direct_channels=['direct'],
    position_weights=[40, 20, 40], w_shaped_weights=[30, 30, 30, 10], milestone=none, conversion=[],
    non_direct_weight=none, one_at_a_time=false
) -%}
    {%- for model in models if model not in journey_models() -%}
        {{- exceptions.raise_compiler_error(
            'there is no attribution model ' ~ model ~ ': expected one of ' ~ journey_models() | join(', ')
        ) -}}
    {%- endfor -%}
    {%- if 'time_decay' in models and half_life_days | float(0) <= 0 -%}
        {{- exceptions.raise_compiler_error('half_life_days is ' ~ half_life_days ~ ': expected a number above 0') -}}
    {%- endif -%}
    {%- set weight = weight or '1' -%}
    {%- if non_direct_weight is none -%}
        {%- set direct -%}
            {{ channel }} in ({% for name in direct_channels %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
        {%- endset -%}
        {%- set non_direct_weight = weight -%}
        {%- if channel and direct_channels -%}
            {%- set non_direct_weight = 'case when ' ~ direct ~ ' then 0 else ' ~ weight ~ ' end' -%}
        {%- endif -%}
    {%- endif -%}
    {%- set conversion_columns = [journey, converted_at] + conversion -%}
    {%- set touch_columns = [journey, touched_at] + ([channel] if channel else []) + ([campaign] if campaign else []) -%}
    {%- set singles = ['first', 'last', 'last_non_direct'] if one_at_a_time else [] -%}
    {%- set positional = [] -%}
    {%- for model in models if one_at_a_time and model in ['position', 'w_shaped'] -%}{%- do positional.append(model) -%}{%- endfor -%}
    with conversions_to_credit as (
        select
            {{ conversion_columns | join(',\n            ') }},
            cast(sum({{ value_cents }}) as bigint) as conversion_cents,
            row_number() over (order by {{ conversion_columns | join(', ') }}) as conversion
        from {{ conversions }}
        group by
            {{ conversion_columns | join(',\n            ') }}
    ),

    touches_of_journeys as (
        select
            {{ touch_columns | join(',\n            ') }},
            cast(sum(greatest(coalesce({{ weight }}, 0), 0)) as double) as touch_weight,
            cast(sum(greatest(coalesce({{ non_direct_weight }}, 0), 0)) as double) as non_direct_weight,
            cast(count(*) as double) as touches,
            {{ "max(case when " ~ milestone ~ " then 1 else 0 end)" if milestone else "0" }} as is_milestone
        from {{ touches }}
        group by
            {{ touch_columns | join(',\n            ') }}
    ),

    -- Moments are numbered here and not for each conversion: inside a window the numbers go up by one all the same.
    all_touches as (
        select
            *,
            row_number() over (order by {{ touch_columns | join(', ') }}) as touch,
            dense_rank() over (partition by {{ journey }} order by {{ touched_at }}) as moment,
            case
                when touch_weight > 0
                    then dense_rank() over (
                        partition by {{ journey }}, case when touch_weight > 0 then 1 else 0 end
                        order by {{ touched_at }}
                    )
            end as weighted_moment
        from touches_of_journeys
    ),
    {%- if lookback_days is not none %}

    -- The days of the window of each conversion are worked out before they are looked up, so that the join below is on
    -- equal days and its work grows with the days of a journey, not with their square.
    days_back (age) as (
        values
            {%- for age in range(lookback_days | int + 1) %}
            ({{ age }}){{ ',' if not loop.last }}
            {%- endfor %}
    ),

    windows as (
        select
            conversions_to_credit.conversion,
            conversions_to_credit.{{ journey }},
            conversions_to_credit.{{ converted_at }},
            {{ days_before('conversions_to_credit.' ~ converted_at, 'days_back.age') }} as touch_day
        from conversions_to_credit
        cross join days_back
    ),
    {%- endif %}

    {%- set age_days = days_between('all_touches.' ~ touched_at, 'windows.' ~ converted_at) %}

    candidates as (
        select
            windows.conversion,
            all_touches.touch
        from {{ 'windows' if lookback_days is not none else 'conversions_to_credit as windows' }}
        inner join all_touches
            on all_touches.{{ journey }} = windows.{{ journey }}
            {%- if lookback_days is not none %}
            and cast(all_touches.{{ touched_at }} as date) = windows.touch_day
            {%- endif %}
        where {{ age_days }} {{ 'between 0 and ' ~ lookback_days if lookback_days is not none else '>= 0' }}
    ),

    -- What the models ask of a journey. The weighted moments are missing where no touch has a weight.
    ends as (
        select
            candidates.conversion,
            min(touches.moment) as first_moment,
            max(touches.moment) as last_moment,
            min(touches.weighted_moment) as first_weighted_moment,
            max(touches.weighted_moment) as last_weighted_moment,
            max(case when touches.non_direct_weight > 0 then touches.weighted_moment end) as last_non_direct_moment,
            min(case when touches.is_milestone = 1 then touches.weighted_moment end) as milestone_moment
        from candidates
        inner join all_touches as touches on touches.touch = candidates.touch
        group by
            candidates.conversion
    ),

    journeys_to_credit as (
        select
            conversions_to_credit.*,
            ends.first_moment,
            ends.first_weighted_moment,
            coalesce(ends.last_weighted_moment - ends.first_weighted_moment, ends.last_moment - ends.first_moment) + 1 as positions,
            ends.last_non_direct_moment - ends.first_weighted_moment + 1 as last_non_direct,
            ends.milestone_moment - ends.first_weighted_moment + 1 as milestone
        from conversions_to_credit
        left join ends on ends.conversion = conversions_to_credit.conversion
    ),

    placed as (
        select
            candidates.conversion,
            candidates.touch,
            {{ days_between('touches.' ~ touched_at, 'journeys.' ~ converted_at) }} as age_days,
            case when journeys.first_weighted_moment is null then touches.touches else touches.touch_weight end as touch_weight,
            touches.non_direct_weight,
            {{ position_in_journey('touches') }} as position,
            journeys.positions,
            journeys.last_non_direct,
            journeys.milestone,
            journeys.conversion_cents
        from candidates
        inner join all_touches as touches on touches.touch = candidates.touch
        inner join journeys_to_credit as journeys on journeys.conversion = candidates.conversion
        where touches.touch_weight > 0 or journeys.first_weighted_moment is null
    ),
    {%- if not one_at_a_time %}

    moments as (
        select
            conversion,
            position,
            sum(cast(touch_weight as decimal(38, 6))) as weight_of_moment
        from placed
        group by
            conversion,
            position
    ),
    {%- endif %}

    positioned as (
        select
            placed.*,
            case when placed.positions > 2 then coalesce(placed.milestone, {{ whole_quotient('(placed.positions + 1)', '2') }}) end as middle,
            -- Of the weight of its position; all of it, where the touch has the position for itself.
            {% if one_at_a_time -%}
            cast(1 as double)
            {%- else -%}
            placed.touch_weight / cast(moments.weight_of_moment as double)
            {%- endif %} as part_of_position
        from placed
        {%- if not one_at_a_time %}
        inner join moments
            on moments.conversion = placed.conversion
            and moments.position = placed.position
        {%- endif %}
    ),

    -- No more than the split needs, for there are many rows: what else is known of a touch is looked up again at the end.
    to_split as (
        select
            conversion,
            touch,
            conversion_cents
            {%- for model in models if model not in singles + positional %},
            {{ journey_weight(model, half_life_days, position_weights, w_shaped_weights) | indent(12) }} as {{ model }}_weight
            {%- endfor %}
        from positioned
    ),

    split as (
        {%- set weights = {} -%}
        {%- for model in models if model not in singles + positional -%}{%- do weights.update({model: model ~ '_weight'}) -%}{%- endfor %}
        {{ split_by_weights(
            rows='to_split',
            amount='conversion_cents',
            weights=weights,
            within=['conversion'],
            row=['touch'],
            weight_columns=not one_at_a_time,
        ) | indent(8) }}
    )

    {%- if positional %},

    position_credits as (
        {{ position_credits('journeys_to_credit', positional, position_weights, w_shaped_weights) | indent(8) }}
    )
    {%- endif %}

    select
        {%- for column in conversion_columns %}
        journeys.{{ column }},
        {%- endfor %}
        journeys.conversion_cents,
        all_touches.{{ touched_at }},
        {{ 'all_touches.' ~ channel if channel else 'cast(null as varchar)' }} as channel,
        {{ 'all_touches.' ~ campaign if campaign else 'cast(null as varchar)' }} as campaign,
        {{ days_between('all_touches.' ~ touched_at, 'journeys.' ~ converted_at) }} as age_days,
        {{ position_in_journey('all_touches') }} as position,
        case when split.touch is not null then journeys.positions end as positions
        {%- for model in models %},
        {%- if model in singles %}
        case
            when split.touch is null then null
            when {{ position_in_journey('all_touches') }} = {{ single_position(model) }} then journeys.conversion_cents
            else 0
        end as {{ model }}_cents
        {%- elif model in positional %}
        case
            when split.touch is not null
                then sign(journeys.conversion_cents) * {{ position_cents(
                    model, position_in_journey('all_touches'), 'journeys.positions', 'position_credits'
                ) | indent(16) }}
        end as {{ model }}_cents
        {%- else %}
        {%- if not one_at_a_time %}
        split.{{ model }}_weight,
        {%- endif %}
        split.{{ model }}_cents
        {%- endif %}
        {%- endfor %}
    from journeys_to_credit as journeys
    left join split on split.conversion = journeys.conversion
    left join all_touches on all_touches.touch = split.touch
    {%- if positional %}
    left join position_credits on position_credits.conversion = journeys.conversion
    {%- endif %}
{%- endmacro %}

{# The place of a touch among the moments of its journey, from 1. #}
{% macro position_in_journey(touch) -%}
    coalesce({{ touch }}.weighted_moment - journeys.first_weighted_moment, {{ touch }}.moment - journeys.first_moment) + 1
{%- endmacro %}

{# The position that gets all, where no two touches share one. #}
{% macro single_position(model) -%}
    {%- if model == 'first' -%}
        1
    {%- elif model == 'last' -%}
        journeys.positions
    {%- else -%}
        coalesce(journeys.last_non_direct, journeys.positions)
    {%- endif -%}
{%- endmacro %}

{#
    What a touch weighs in a model, in billionths, as an expression over the columns of `positioned` there. A weight that is not
    0 is at least one billionth, so that nothing inside the window is worth nothing.
#}
{% macro journey_weight(model, half_life_days, position_weights, w_shaped_weights) -%}
    {%- set unit = weight_unit() -%}
    {%- if model == 'first' -%}
        case when position = 1 then touch_weight * {{ unit }} else 0 end
    {%- elif model == 'last' -%}
        case when position = positions then touch_weight * {{ unit }} else 0 end
    {%- elif model == 'last_non_direct' -%}
        case
            when last_non_direct is null and position = positions then touch_weight * {{ unit }}
            when position = last_non_direct then non_direct_weight * {{ unit }}
            else 0
        end
    {%- elif model == 'linear' -%}
        touch_weight * {{ unit }}
    {%- elif model == 'position' -%}
        {%- set first, between, last = position_weights -%}
        part_of_position * {{ unit }} * case
            when positions = 1 then 1
            when position = 1 then {{ first }} * greatest(positions - 2, 1)
            when position = positions then {{ last }} * greatest(positions - 2, 1)
            else {{ between }}
        end
    {%- elif model == 'w_shaped' -%}
        {%- set first, middle, last, others = w_shaped_weights -%}
        part_of_position * {{ unit }} * case
            when positions = 1 then 1
            when position in (1, middle, positions)
                then greatest(positions - 2 - case when middle > 1 and middle < positions then 1 else 0 end, 1) * (
                    case when position = 1 then {{ first }} else 0 end
                    + case when position = middle then {{ middle }} else 0 end
                    + case when position = positions then {{ last }} else 0 end
                )
            else {{ others }}
        end
    {%- elif model == 'time_decay' -%}
        touch_weight * greatest(1, round({{ unit }} * power(2, -age_days / cast({{ half_life_days }} as double))))
    {%- endif -%}
{%- endmacro %}

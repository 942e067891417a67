{#
    What position and w_shaped give where no two touches of a journey share a moment: to the first, the middle and the last
    touch something of their own, and to all others the same. So it is enough to work it out once for each journey, by the
    largest remainder method as split_by_weights does, and not for each touch.

    journeys  a CTE: conversion, conversion_cents, positions and milestone, both missing where there is no touch

    The query has the conversion and for each model <model>_first, <model>_middle, <model>_last and <model>_other, the cents of
    each; <model>_middle_position, missing where no touch between the ends has a share of its own; and <model>_one_more, how many of
    the others, from the first on, get a cent more. All cents are of the absolute amount.
#}
{% macro position_credits(journeys, models, position_weights, w_shaped_weights) -%}
    {%- set kinds = ['first', 'middle', 'last', 'other'] -%}
    with {% for model in models -%}
    {{ model }}_kinds as (
        select
            conversion,
            cast(abs(conversion_cents) as {{ wide_integer() }}) as cents,
            {{ middle_position(model) }} as middle_position,
            1 as first_count,
            case when {{ middle_position(model) }} is null then 0 else 1 end as middle_count,
            case when positions > 1 then 1 else 0 end as last_count,
            positions - 1 - case when positions > 1 then 1 else 0 end
                - case when {{ middle_position(model) }} is null then 0 else 1 end as other_count,
            {%- if model == 'position' %}
            {%- set first, between, last = whole_weights(position_weights) %}
            {{ first }} * greatest(positions - 2, 1) as first_weight,
            0 as middle_weight,
            {{ last }} * greatest(positions - 2, 1) as last_weight,
            {{ between }} as other_weight
            {%- else %}
            {%- set first, middle, last, others = whole_weights(w_shaped_weights) %}
            {%- set share = '* greatest(positions - 2 - case when ' ~ middle_position(model) ~ ' is null then 0 else 1 end, 1)' %}
            ({{ first }} + case when positions > 2 and milestone = 1 then {{ middle }} else 0 end) {{ share }} as first_weight,
            {{ middle }} {{ share }} as middle_weight,
            ({{ last }} + case when positions > 2 and milestone = positions then {{ middle }} else 0 end) {{ share }} as last_weight,
            {{ others }} as other_weight
            {%- endif %}
        from {{ journeys }}
        where positions is not null
    ),

    {{ model }}_totals as (
        select
            *,
            {% for kind in kinds %}{{ kind }}_count * {{ kind }}_weight{{ ' + ' if not loop.last }}{% endfor %} as weight_of_all,
            {% for kind in kinds %}{{ kind }}_count{{ ' + ' if not loop.last }}{% endfor %} as count_of_all
        from {{ model }}_kinds
    ),

    {{ model }}_shares as (
        select
            *,
            cast(case when weight_of_all = 0 then count_of_all else weight_of_all end as {{ wide_integer() }}) as divisor
            {%- for kind in kinds %},
            cents * case when weight_of_all = 0 then 1 else {{ kind }}_weight end as {{ kind }}_dividend
            {%- endfor %}
        from {{ model }}_totals
    ),

    {{ model }}_quotients as (
        select
            *
            {%- for kind in kinds %},
            {{ whole_quotient(kind ~ '_dividend', 'divisor') }} as {{ kind }}_whole
            {%- endfor %}
        from {{ model }}_shares
    ),

    {{ model }}_cut as (
        select
            conversion,
            middle_position,
            cast(cents {% for kind in kinds %} - {{ kind }}_count * {{ kind }}_whole{% endfor %} as bigint) as left_over
            {%- for kind in kinds %},
            {{ kind }}_count,
            cast({{ kind }}_whole as bigint) as {{ kind }}_whole,
            -- Whoever is not there comes last.
            case when {{ kind }}_count = 0 then -1 else {{ kind }}_dividend - {{ kind }}_whole * divisor end as {{ kind }}_remainder
            {%- endfor %}
        from {{ model }}_quotients
    ),

    -- How many come before each when the cents left over are given out.
    {{ model }}_places as (
        select
            *,
            case when middle_remainder > first_remainder then 1 else 0 end
                + case when last_remainder > first_remainder then 1 else 0 end
                + case when other_remainder > first_remainder then other_count else 0 end as before_first,
            case when first_remainder >= middle_remainder then 1 else 0 end
                + case when last_remainder > middle_remainder then 1 else 0 end
                + case
                    when other_remainder > middle_remainder then other_count
                    when other_remainder = middle_remainder then middle_position - 2
                    else 0
                end as before_middle,
            case when first_remainder >= last_remainder then 1 else 0 end
                + case when middle_remainder >= last_remainder then 1 else 0 end
                + case when other_remainder >= last_remainder then other_count else 0 end as before_last
        from {{ model }}_cut
    ),

    {{ model }}_credits as (
        select
            conversion,
            middle_position,
            left_over,
            {%- for kind in ['first', 'middle', 'last'] %}
            {{ kind }}_whole,
            case when {{ kind }}_count = 1 and before_{{ kind }} < left_over then 1 else 0 end as {{ kind }}_one_more,
            {%- endfor %}
            other_whole
        from {{ model }}_places
    ){{ ',' if not loop.last }}

    {% endfor -%}
    select
        {{ models[0] }}_credits.conversion
        {%- for model in models %},
        {{ model }}_credits.middle_position as {{ model }}_middle_position
        {%- for kind in ['first', 'middle', 'last'] %},
        {{ model }}_credits.{{ kind }}_whole + {{ model }}_credits.{{ kind }}_one_more as {{ model }}_{{ kind }}
        {%- endfor %},
        {{ model }}_credits.other_whole as {{ model }}_other,
        {{ model }}_credits.left_over
            {%- for kind in ['first', 'middle', 'last'] %} - {{ model }}_credits.{{ kind }}_one_more{% endfor %} as {{ model }}_one_more
        {%- endfor %}
    from {{ models[0] }}_credits
    {%- for model in models[1:] %}
    inner join {{ model }}_credits on {{ model }}_credits.conversion = {{ models[0] }}_credits.conversion
    {%- endfor %}
{%- endmacro %}

{# Weights in whole billionths, as expressions; they may be fractions. #}
{% macro whole_weights(weights) -%}
    {%- set whole = [] -%}
    {%- for weight in weights -%}
        {%- do whole.append('cast(' ~ (weight * weight_unit() | int) | round | int ~ ' as ' ~ wide_integer() ~ ')') -%}
    {%- endfor -%}
    {{- return(whole) -}}
{%- endmacro %}

{# The position in the middle, where it is neither the first nor the last. #}
{% macro middle_position(model) -%}
    {%- if model == 'position' -%}
        cast(null as bigint)
    {%- else -%}
        case when positions > 2 and coalesce(milestone, 2) not in (1, positions) then coalesce(milestone, {{ whole_quotient('(positions + 1)', '2') }}) end
    {%- endif -%}
{%- endmacro %}

{# What the touch at a position gets of it, as an expression over the columns of that query. #}
{% macro position_cents(model, position, positions, credits) -%}
    case
        when {{ position }} = 1 then {{ credits }}.{{ model }}_first
        when {{ position }} = {{ positions }} then {{ credits }}.{{ model }}_last
        when {{ position }} = {{ credits }}.{{ model }}_middle_position then {{ credits }}.{{ model }}_middle
        -- Of the others, the first and perhaps the middle touch are no part.
        when {{ position }} - case when {{ position }} > {{ credits }}.{{ model }}_middle_position then 2 else 1 end <= {{ credits }}.{{ model }}_one_more
            then {{ credits }}.{{ model }}_other + 1
        else {{ credits }}.{{ model }}_other
    end
{%- endmacro %}

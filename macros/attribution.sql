{# The var lookback_days, refused unless it is a whole number of days, 0 or more. #}
{% macro lookback_days() -%}
    {%- set days = var('lookback_days') | string -%}
    {%- if days | int(-1) < 0 or days != days | int | string -%}
        {{- exceptions.raise_compiler_error('lookback_days is ' ~ days ~ ': expected a whole number of days, 0 or more') -}}
    {%- endif -%}
    {{- days -}}
{%- endmacro %}

{# The var half_life_days, refused unless it is above 0. #}
{% macro half_life_days() -%}
    {%- set days = var('half_life_days') -%}
    {%- if days | float(0) <= 0 -%}
        {{- exceptions.raise_compiler_error('half_life_days is ' ~ days ~ ': expected a number above 0') -}}
    {%- endif -%}
    {{- days -}}
{%- endmacro %}

{#
    A query that splits an amount over the rows that share it, in proportion to a weight, so that the parts add up to the
    amount to the cent: each row gets the whole cents of its share, and the cents left over go one each to the rows whose
    shares were cut the most (the largest remainder method).

    rows    a CTE or a ref
    amount  column with the amount in whole cents, equal on all rows that share it; a negative amount is split like its
            absolute value
    weight  column or expression; a missing or negative weight counts as 0, and where all weights are 0 all rows count the same
    within  columns that name the amount: rows that agree in them share it
    row     columns that, with those of `within`, name a row; they also decide between equal remainders, so that the result
            depends neither on the order of the rows nor on the number of threads

    The query has the columns of `within` and `row`, and the part as allocated_cents.
#}
{% macro split_by_weight(rows, amount, weight, within, row) -%}
    {#- Nothing real weighs as much; the bound keeps amount * weight within 38 digits whatever a file holds. -#}
    {%- set heaviest = 1000000000000000 -%}
    {%- set shared = within | join(', ') -%}
    {%- set keys = (within + row) | join(', ') -%}
    with weighed as (
        select
            {{ keys }},
            {{ amount }} as amount_cents,
            cast(least(greatest(coalesce({{ weight }}, 0), 0), {{ heaviest }}) as {{ wide_integer() }}) as weight
        from {{ rows }}
    ),

    totalled as (
        select
            {{ keys }},
            amount_cents,
            weight,
            cast(sum(weight) over (partition by {{ shared }}) as {{ wide_integer() }}) as weight_of_all,
            count(*) over (partition by {{ shared }}) as rows_of_all
        from weighed
    ),

    -- Where nothing has a weight, everything weighs 1.
    shares as (
        select
            {{ keys }},
            amount_cents,
            abs(amount_cents) * case when weight_of_all = 0 then 1 else weight end as dividend,
            case when weight_of_all = 0 then rows_of_all else weight_of_all end as divisor
        from totalled
    ),

    cut as (
        select
            {{ keys }},
            amount_cents,
            cast({{ whole_quotient('dividend', 'divisor') }} as bigint) as whole_cents,
            dividend,
            divisor
        from shares
    ),

    ranked as (
        select
            {{ keys }},
            amount_cents,
            whole_cents,
            cast(abs(amount_cents) - sum(whole_cents) over (partition by {{ shared }}) as bigint) as cents_left,
            row_number() over (
                partition by {{ shared }}
                order by
                    dividend - whole_cents * divisor desc,
                    {{ row | join(', ') }}
            ) as place
        from cut
    )

    select
        {{ keys }},
        cast(sign(amount_cents) * (whole_cents + case when place <= cents_left then 1 else 0 end) as bigint) as allocated_cents
    from ranked
{%- endmacro %}

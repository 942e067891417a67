{#
    A query that splits amounts over the rows that share them, in proportion to one or several weights, so that the parts add
    up to the amount to the cent: each row gets the whole cents of its share, and the cents left over go one each to the rows
    whose shares were cut the most (the largest remainder method, also named after Hamilton).

        share of a row = abs(amount) * weight / sum of the weights;  part = sign(amount) * (whole cents + 0 or 1 cent)

    rows     a CTE or a ref
    amount   column with the amount in whole cents, equal on all rows that share it; a negative amount is split like its
             absolute value
    weights  {name: column or expression}: for each, the query has a column <name>_cents. A missing or negative weight counts
             as 0, a fraction is rounded, and where all weights are 0 all rows count the same
    within   columns that name the amount: rows that agree in them share it. They must not be missing
    row      columns that, with those of `within`, name a row; they also decide between equal remainders, so that the result
             depends neither on the order of the rows nor on the number of threads
    keep     other columns to hand through

    The query has the columns of `within`, `row` and `keep`, and for each weight <name>_weight, as it was counted, and <name>_cents.
#}
{% macro split_by_weights(rows, amount, weights, within, row, keep=[]) -%}
    {#- Nothing real weighs as much; the bound keeps amount * weight within 38 digits whatever a file holds. -#}
    {%- set heaviest = 1000000000000000 -%}
    {%- set shared = within | join(', ') -%}
    {%- set columns = (within + row + keep) | join(',\n            ') -%}
    with weighed as (
        select
            {{ columns }},
            {{ amount }} as amount_cents
            {%- for name, weight in weights.items() %},
            cast(round(least(greatest(coalesce({{ weight }}, 0), 0), {{ heaviest }})) as bigint) as {{ name }}_weight
            {%- endfor %}
        from {{ rows }}
    ),

    totalled as (
        select
            {{ within | join(',\n            ') }},
            count(*) as rows_of_all
            {%- for name in weights %},
            cast(sum({{ name }}_weight) as {{ wide_integer() }}) as {{ name }}_of_all
            {%- endfor %}
        from weighed
        group by
            {{ within | join(',\n            ') }}
    ),

    -- Where nothing has a weight, everything weighs 1.
    shares as (
        select
            {%- for column in within + row + keep %}
            weighed.{{ column }},
            {%- endfor %}
            weighed.amount_cents
            {%- for name in weights %},
            weighed.{{ name }}_weight,
            cast(abs(weighed.amount_cents) as {{ wide_integer() }})
                * case when totalled.{{ name }}_of_all = 0 then 1 else weighed.{{ name }}_weight end as {{ name }}_dividend,
            case when totalled.{{ name }}_of_all = 0 then totalled.rows_of_all else totalled.{{ name }}_of_all end as {{ name }}_divisor
            {%- endfor %}
        from weighed
        inner join totalled
            on {% for column in within %}{{ "\n            and " if not loop.first }}totalled.{{ column }} = weighed.{{ column }}{% endfor %}
    ),

    quotients as (
        select
            *
            {%- for name in weights %},
            cast({{ whole_quotient(name ~ '_dividend', name ~ '_divisor') }} as bigint) as {{ name }}_whole
            {%- endfor %}
        from shares
    ),

    -- Remainders are floating point numbers, which are exact below 2^53; above, those that are nearly equal are taken for equal.
    cut as (
        select
            {{ columns }},
            amount_cents
            {%- for name in weights %},
            {{ name }}_weight,
            {{ name }}_whole,
            cast({{ name }}_dividend - {{ name }}_whole * {{ name }}_divisor as double) as {{ name }}_remainder
            {%- endfor %}
        from quotients
    ),

    given as (
        select
            {{ within | join(',\n            ') }}
            {%- for name in weights %},
            cast(sum({{ name }}_whole) as bigint) as {{ name }}_given
            {%- endfor %}
        from cut
        group by
            {{ within | join(',\n            ') }}
    ),

    to_rank as (
        select
            cut.*
            {%- for name in weights %},
            abs(cut.amount_cents) - given.{{ name }}_given as {{ name }}_left
            {%- endfor %}
        from cut
        inner join given
            on {% for column in within %}{{ "\n            and " if not loop.first }}given.{{ column }} = cut.{{ column }}{% endfor %}
    ),

    ranked as (
        select
            *
            {%- for name in weights %},
            row_number() over (
                partition by {{ shared }}
                order by {{ name }}_remainder desc, {{ row | join(', ') }}
            ) as {{ name }}_place
            {%- endfor %}
        from to_rank
    )

    select
        {{ columns }}
        {%- for name in weights %},
        {{ name }}_weight,
        cast(
            sign(amount_cents) * (
                {{ name }}_whole + case when {{ name }}_place <= {{ name }}_left then 1 else 0 end
            ) as bigint
        ) as {{ name }}_cents
        {%- endfor %}
    from ranked
{%- endmacro %}

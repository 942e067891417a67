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
    weight_columns  false where nobody asks what was counted as weight

    The query has the columns of `within`, `row` and `keep`, and for each weight <name>_weight, as it was counted, and <name>_cents.
#}
{% macro split_by_weights(rows, amount, weights, within, row, keep=[], weight_columns=true) -%}
    {%- set columns = (within + row + keep) | join(',\n            ') -%}
    with weighed as (
        select
            {{ columns }},
            {{ amount }} as amount_cents
            {%- for name, weight in weights.items() %},
            {{ whole_weight(weight) }} as {{ name }}_weight
            {%- endfor %}
        from {{ rows }}
    ),

    -- Where nothing has a weight, everything weighs 1.
    amounts as (
        select
            {{ within | join(',\n            ') }},
            max(amount_cents) as amount_cents,
            cast(max(abs(amount_cents)) as {{ wide_integer() }}) as cents_to_give
            {%- for name in weights %},
            case when sum({{ name }}_weight) = 0 then 1 else 0 end as {{ name }}_alike,
            cast(case when sum({{ name }}_weight) = 0 then count(*) else sum({{ name }}_weight) end as {{ wide_integer() }}) as {{ name }}_divisor
            {%- endfor %}
        from weighed
        group by
            {{ within | join(',\n            ') }}
    ),

    shares as (
        select
            {%- for column in within + row + keep %}
            weighed.{{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
            {%- for name in weights %},
            {%- if weight_columns %}
            weighed.{{ name }}_weight,
            {%- endif %}
            amounts.cents_to_give * greatest(weighed.{{ name }}_weight, amounts.{{ name }}_alike) as {{ name }}_dividend,
            amounts.{{ name }}_divisor
            {%- endfor %}
        from weighed
        inner join amounts
            on {{ same('amounts', 'weighed', within) | indent(12) }}
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
            {{ columns }}
            {%- for name in weights %},
            {%- if weight_columns %}
            {{ name }}_weight,
            {%- endif %}
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

    left_over as (
        select
            {%- for column in within %}
            given.{{ column }},
            {%- endfor %}
            sign(amounts.amount_cents) as sign_of_amount
            {%- for name in weights %},
            abs(amounts.amount_cents) - given.{{ name }}_given as {{ name }}_left
            {%- endfor %}
        from given
        inner join amounts
            on {{ same('amounts', 'given', within) | indent(12) }}
    ),

    ranked as (
        select
            {{ columns }}
            {%- for name in weights %},
            {%- if weight_columns %}
            {{ name }}_weight,
            {%- endif %}
            {{ name }}_whole,
            row_number() over (
                partition by {{ within | join(', ') }}
                order by {{ name }}_remainder desc, {{ row | join(', ') }}
            ) as {{ name }}_place
            {%- endfor %}
        from cut
    )

    select
        {%- for column in within + row + keep %}
        ranked.{{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
        {%- for name in weights %},
        {%- if weight_columns %}
        ranked.{{ name }}_weight,
        {%- endif %}
        cast(
            left_over.sign_of_amount * (
                ranked.{{ name }}_whole + case when ranked.{{ name }}_place <= left_over.{{ name }}_left then 1 else 0 end
            ) as bigint
        ) as {{ name }}_cents
        {%- endfor %}
    from ranked
    inner join left_over
        on {{ same('left_over', 'ranked', within) | indent(8) }}
{%- endmacro %}

{# That two rows agree in some columns, as the condition of a join. #}
{% macro same(one, other, columns) -%}
    {% for column in columns %}{{ "\n    and " if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}{% endfor %}
{%- endmacro %}

{#
    A weight as it counts in split_by_weights: a whole number from 0. Nothing real reaches the upper bound, which keeps
    amount * weight within 38 digits whatever a file holds.
#}
{% macro whole_weight(weight) -%}
    cast(round(least(greatest(coalesce({{ weight }}, 0), 0), 1000000000000000)) as bigint)
{%- endmacro %}

{% test min_rows(model, n=1) %}select count(*) as n from {{ model }} having count(*) < {{ n }}{% endtest %}

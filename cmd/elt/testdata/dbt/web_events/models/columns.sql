{% set relation = ref('events') %}
{% set columns = adapter.get_columns_in_relation(relation) %}
{% set names = columns | map(attribute='name') | list %}
select
    '{{ names | join(",") }}' as names,
    '{{ columns | map(attribute="dtype") | join(",") }}' as types,
    '{{ columns | selectattr("name", "in", ["visitor", "value"]) | map(attribute="quoted") | join("/") }}' as quoted,
    '{{ relation.identifier }}' as identifier,
    '{{ relation.schema }}' as schema_name,
    '{{ relation }}' as full_name,
    (select count(*) from {{ relation.include(database=false) }}) as all_rows,
    '{{ load_relation(relation) is not none }}' as loaded,
    '{{ adapter.get_relation(database=relation.database, schema=relation.schema, identifier="nosuch") }}' as missing,
    '{{ api.Relation.create(schema="s", identifier="i") }}' as created,
    '{{ adapter.quote("a b") }}' as quoted_name,
    '{{ columns[0].is_string() }} {{ columns[1].is_string() }} {{ columns[0].is_integer() }}' as kinds,
    '{{ this.schema }}.{{ this.name }}' as this_name,
    '{{ model.name }} {{ model.resource_type }} {{ model.fqn | join(".") }}' as model_name,
    '{{ (names | reject("equalto", "value") | list | length) }}' as others
from {{ relation }}
limit 1

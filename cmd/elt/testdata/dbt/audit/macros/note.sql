{% macro note(node, event) %}
    insert into audit_log.events
    select coalesce(max(position), 0) + 1, '{{ node }}', '{{ event }}' from audit_log.events
{% endmacro %}

{% macro note_results(results) %}
    {% if execute and results %}
    insert into audit_log.events
    {% for r in results | sort(attribute='node.name') %}
    select 0, '{{ r.node.name }}', 'result {{ r.status }}' {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {% endif %}
{% endmacro %}

{% macro clear_log() %}
    {% do run_query('delete from audit_log.events') %}
    {{ log('cleared', info=true) }}
{% endmacro %}

{% macro grant_like(relation, role='reader') %}
    {% call statement('grant') %}
        insert into audit_log.events values (-1, '{{ relation.identifier }}', 'grant {{ role }}')
    {% endcall %}
{% endmacro %}

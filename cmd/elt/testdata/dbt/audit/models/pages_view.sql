{{ config(materialized='view', post_hook=["{% do grant_like(this) %}", after_commit("{{ note(this.name, 'committed') }}")],
          pre_hook=[before_begin("{{ note(this.name, 'begins') }}"), in_transaction("{{ note(this.name, 'has begun') }}")]) }}
select count(*) as pages from {{ ref('pages') }}

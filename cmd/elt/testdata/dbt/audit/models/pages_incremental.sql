{{ config(materialized='incremental', post_hook="delete from {{ this }} where id = 1",
          pre_hook="{% if is_incremental() %}{{ note(this.name, 'grows') }}{% endif %}") }}
select id from {{ ref('pages') }} {% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}

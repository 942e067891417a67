{{ config(pre_hook=["{{ note(this.name, 'own before') }}"],
          post_hook=["insert into {{ this }} values (99, '/hooked')", {"sql": "{{ note(this.name, 'outside') }}", "transaction": False}]) }}
select id, page from {{ ref('visits') }}

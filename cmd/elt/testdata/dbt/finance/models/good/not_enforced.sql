{{ config(contract={'enforced': false}) }}
select 'x' as id, 1 as more

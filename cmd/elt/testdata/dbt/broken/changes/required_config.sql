{{ config.require('nosuch') }} select 1 as id

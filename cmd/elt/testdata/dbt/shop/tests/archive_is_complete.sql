-- the package that has the archive is not installed here
select * from {{ source('archive', 'orders') }}

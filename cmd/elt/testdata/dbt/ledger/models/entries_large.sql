select * from {{ var('entries_model') }} where amount >= {{ var('smallest') }}

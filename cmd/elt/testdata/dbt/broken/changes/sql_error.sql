select nosuch_column from {{ ref('fine') }}

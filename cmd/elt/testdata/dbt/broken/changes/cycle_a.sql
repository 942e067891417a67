select * from {{ ref('reads_reads') }}

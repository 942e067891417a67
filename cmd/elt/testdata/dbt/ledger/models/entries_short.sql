select {{ toolbox.star(ref('entries'), except=['names', '_SOURCE']) }}
from {{ ref('entries') }}

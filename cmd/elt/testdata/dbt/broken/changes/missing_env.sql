select '{{ env_var('BROKEN_NOSUCH') }}' as v

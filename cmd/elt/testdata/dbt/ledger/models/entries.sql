select
    {{ toolbox.generate_surrogate_key(['_source', 'entry']) }} as entry_key,
    {{ toolbox.rounded('amount') }} as amount,
    {{ toolbox.signed('amount') }} as counter_amount,
    '{{ toolbox_extras.extras_name() }} {{ ledger.helper() }}' as names,
    * exclude (amount)
from ({{ toolbox.union_relations([ref('entries_2023'), ref('entries_2024')]) }}) as u

select s.id, r.name from {{ ref('int_sessions') }} as s join {{ ref('regions') }} as r using (id)

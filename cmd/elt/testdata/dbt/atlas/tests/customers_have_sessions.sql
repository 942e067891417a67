select c.id from {{ ref('customers') }} as c left join {{ ref('sessions') }} as s using (id) where s.id is null

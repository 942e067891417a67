select {{ ref('fine', 'fine', 'fine', 'fine') }} as id

select id, name from {{ source('crm', 'contacts') }}

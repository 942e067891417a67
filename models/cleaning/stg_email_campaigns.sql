-- One row per row of email_campaigns.csv, under the names all platforms share.
select
    'email_campaigns' as platform,
    {{ clean_text('email_id') }} as campaign_id,
    trim(client_id) as client_id,
    date,
    emails_sent,
    open_rate,
    click_rate,
    {{ clean_text('subject_line') }} as subject_line
from {{ source('raw', 'email_campaigns') }}

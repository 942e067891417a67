-- What each campaign of a client cost and brought. Web traffic has no campaign.
{{ performance(by=['client_id', 'platform', 'campaign_id']) }}

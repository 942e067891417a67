-- What each platform cost and brought, over all clients and days.
{{ performance(by=['platform']) }}

-- Every credit there is: who gets how much of which revenue, by every model, in both scopes. It would be the longest table of
-- the project by far (1,000 clients and 90 days make 40 million rows), so it is a view over short tables, in the snapshot too. Sums
-- over it agree to the cent with pooled_campaigns, source_credits and whatever is made of those. Of many clients, ask for a
-- model and a client: only that is worked out.
{{ attribution_credits() }}

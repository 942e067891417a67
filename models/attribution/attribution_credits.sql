-- Every credit there is: who gets how much of which revenue, by every model, in both scopes. It would be the longest table of
-- the project by far (1,000 clients and 90 days make 70 million rows), so it is not stored: a model that reads it, and
-- `elt show attribution_credits`, work it out from short tables. Sums over it agree to the cent with pooled_campaigns,
-- source_credits and whatever is made of those. For some clients only, call the macro with a condition.
{{ attribution_credits() }}

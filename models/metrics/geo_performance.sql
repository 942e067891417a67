-- What ads in each country cost and brought, by platform; only Google and Facebook tell the country.
{{ performance(by=['platform', 'geo'], where="platform in ('google_ads', 'facebook_ads')") }}

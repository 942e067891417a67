-- What marketing for each line of business cost and brought.
{{ performance(by=['industry']) }}

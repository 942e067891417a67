-- What the Markov model makes of the example paths before it gives credit: how much less would convert without a channel.
{{ markov_removal_effects(paths=ref('example_paths')) }}

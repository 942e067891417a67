-- The Markov chain of the example paths: how many went from where to where.
{{ markov_transitions(paths=ref('example_paths')) }}

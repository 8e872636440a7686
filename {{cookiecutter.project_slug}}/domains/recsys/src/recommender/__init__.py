"""A recommender from likes to money, chapter by chapter.

config    what `config.yaml` may say            sample    a made-up library whose truth is known
data      checked interactions, in slices       linear    the one shape that is published
models    popularity to matrix factorisation    ladder    what each may tune, lists of items
ranking   how good, varied and fair lists are   train     tune, compare in pairs, choose
ab_test   how many users, and what they prove   money     clicks a month against today's rule
evaluate  test slice, experiment, publishing    explain   "because you liked"
predictor what API and dashboard ask            figures   the pictures
readme    the generated blocks of documents     cli       one command a stage
neural/   a two-tower network, an extra         kit/      what any project needs
"""

"""A recommender, from likes to money: one chapter a module, in this order.

config   what ``config.yaml`` may say        | train      tuned, compared in pairs, chosen
sample   a made-up library, its truth known  | money      clicks a month against today's rule
data     checked interactions, in slices     | predictor  what API and dashboard ask
linear   the one shape that is published     | figures    the pictures
models   popularity to matrix factorisation  | evaluate   test slice, experiment, publishing
ranking  how good, varied and fair lists are | explain    "because you liked"
ladder   what each may tune, lists of items  | readme     blocks of README and model card
ab_test  how many users, what they prove     | cli        the commands
neural/  a two-tower network, an extra       | kit/       what any project needs
"""

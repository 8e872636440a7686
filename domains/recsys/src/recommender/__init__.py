"""A recommender, from likes to money: one chapter a module, in this order.

config   what ``config.yaml`` may say        | money      clicks a month against today's rule
sample   a made-up library, its truth known  | predictor  what API and dashboard ask
data     checked interactions, in slices     | figures    the pictures
linear   the one shape that is published     | evaluate   test slice, experiment, publishing
models   popularity to matrix factorisation  | explain    "because you liked"
ranking  how good, varied and fair lists are | monitor    visitors and clicks since then
ladder   what each may tune, lists of items  | readme     blocks of README and model card
neural/  a two-tower network, an extra       | cli        the commands
ab_test  how many users, what they prove     | kit/       what any project needs
train    tuned, compared in pairs, chosen
"""

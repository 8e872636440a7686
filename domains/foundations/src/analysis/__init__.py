"""From a messy table to differences that hold: one chapter a module, in this order.

config      what ``config.yaml`` may say         | explain   every test and picture of a table
sample      a made-up shop whose truth we know   | models    the first models, a dummy first
clean       what is wrong, mended and counted    | scores    how good they are, in pairs
roles       what each column is for              | train     compared on the same folds
data        clean rows to learn from and to test | evaluate  tested once, results written down
hypotheses  which test, and what it says         | readme    the numbers in README
money       what the strongest finding is worth  | cli       the commands
figures     the pictures of a table              | kit/      what any project needs
"""

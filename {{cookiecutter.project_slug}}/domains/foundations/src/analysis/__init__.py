"""From a messy table to differences that hold, and what they are worth: one chapter a module.

config  what ``config.yaml`` may say         | figures   the pictures of a table
sample  a made-up shop whose truth we know   | explain   every test and picture of a table
clean   what is wrong, mended and counted    | models    the first models, a dummy first
roles   what each column is for              | scores    how good they are, compared in pairs
data    clean rows to learn from and to test | train     compared on the same folds
hypotheses  which test, and what it says     | evaluate  tested once, results written down
money   what the strongest finding is worth  | readme    the numbers in README; cli: the commands
"""

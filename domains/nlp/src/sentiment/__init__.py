"""Which reviews to read, and what customers complain of: one chapter a module, in this order.

features   what counts as a word                 | aspects   what unhappy customers blame
config     what ``config.yaml`` may say          | figures   the pictures
sample     made-up reviews, truth known          | evaluate  scored once on test reviews, published
data       checked, split, no copies             | explain   words that tell more than chance
models     the ladder: dummy to SVM              | readme    blocks of README and model card
train      tuned, calibrated, exported           | monitor   is it still what was promised?
money      what reading a review is worth        | cli       the commands
predictor  the model as it is served             | scrape    reviews from shops that allow it
kit/       what any project needs                | transfer/ a transformer as it is, an extra
bert/      the same transformer, fine-tuned
"""

"""Which customers are about to leave, and whom to contact: one chapter a module, in this order.

config    what ``config.yaml`` may say          | predictor  the exported model, as it is served
sample    a made-up company whose truth we know | figures    the pictures of the evaluation
data      checked training and test tables      | evaluate   exported, tested, priced, published
models    the ladder, from columns to XGBoost   | explain    what drives churn, and what is noise
ablation  variants of the winner, in money      | readme     the numbers in README and model card
train     tuned, compared, calibrated           | monitor    is it still what was promised?
money     whom to contact, what that is worth   | cli        the commands
kit/      what any project needs
"""

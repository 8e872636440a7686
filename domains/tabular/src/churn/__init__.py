"""Which customers are about to leave, and whom to contact: one chapter a module, in this order.

config    what ``config.yaml`` may say          | money      whom to contact, what that is worth
sample    a made-up company whose truth we know | predictor  the exported model, as it is served
data      checked training and test tables      | figures    the pictures of the evaluation
features  from columns to numbers               | evaluate   exported, tested, priced, published
models    the ladder, from a dummy to XGBoost   | explain    what drives churn, and what is noise
ablation  variants of the winner, in money      | readme     the numbers in README and model card
train     tuned, compared, calibrated           | monitor    is it still what was promised?
kit/      what any project needs                | cli        the commands
"""

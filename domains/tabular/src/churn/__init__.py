"""Which customers are about to leave, and whom to contact: one chapter a module, in this order.

config    what ``config.yaml`` may say          | money      whom to contact, what that is worth
sample    a made-up company whose truth we know | predictor  the exported model, as it is served
data      checked training and test tables      | figures    the pictures of the evaluation
models    the ladder, from columns to XGBoost   | evaluate   exported, tested, priced, published
ablation  variants of the winner, in money      | explain    what drives churn, and what is noise
train     tuned, compared, calibrated           | readme     the numbers in README and model card
kit/      what any project needs                | monitor    is it still what was promised?
                                                | cli        the commands
"""

"""Which images to refer first: one chapter a module, in this order.

config     what ``config.yaml`` may say          | money      whom to refer, and what that is worth
sample     made-up films whose truth we know     | predictor  the exported model, as it is served
images     from a file's bytes to pixels, safely | train      compared, calibrated, exported
sources    folders, zips and archives of images  | figures    the pictures
data       checked; no patient on two sides      | evaluate   scored on test, priced, published
network    the residual network, its training    | explain    where it looks; the pointing game
models     the ladder: dummy to ResNet           | readme     blocks of README and model card
gradcam    class-activation maps in colours      | cli        the commands
transfer/  starting from a pretrained network    | kit/       what any project needs
"""

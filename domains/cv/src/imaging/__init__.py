"""Which images to refer first: one chapter a module, in this order.

config     what ``config.yaml`` may say          | predictor  the exported model, as it is served
sample     made-up films whose truth we know     | train      compared, calibrated, exported
images     from a file's bytes to pixels, safely | figures    the pictures
sources    folders, zips and archives of images  | evaluate   scored on test, priced, published
data       checked; no patient on two sides      | explain    where it looks; the pointing game
network    the residual network, its training    | readme     blocks of README and model card
models     the ladder: dummy to ResNet           | monitor    is it still what was promised?
gradcam    class-activation maps in colours      | cli        the commands
money      whom to refer, and what that is worth | kit/       what any project needs
transfer/  starting from a pretrained network
"""

# %% [markdown]
# # A first look at the images
#
# > **Not a medical device.** This is a learning project, for study only: do not use it, or anything
# > it says, to decide about a person's care.
#
# What do they show, and what does a network do to them? Each picture is followed by the question
# it can answer. Only training images are shown: whoever looks at the test images starts to choose
# what suits them. If they may not be shared, keep this notebook to yourself.

# %%
from imaging.kit.charts import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from scipy.ndimage import convolve, maximum_filter, zoom
from sklearn.metrics import roc_auc_score

from imaging.config import load_config
from imaging.data import read_processed
from imaging.figures import draw_image
from imaging.network import augment, to_tensor

data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml")
train = data.train
grey = train.images.mean(axis=3) / 255  # (n, height, width), 0 black to 1 white
print("SYNTHETIC SAMPLE: made up by this project" if info.synthetic else f"data set: {info.name}")
pd.DataFrame({part: here.cases["class"].value_counts() for part, here in data._asdict().items()})

# %% [markdown]
# ## Who is in it, and what leaks
#
# **Read it:** images of one patient resemble each other, and copies are the same; on two sides of
# a split a model could remember them. Both stay on one side, where patients are known.
#
# **Ask:** how often would somebody be right who always names the larger class? Is its share that
# of a ward?

# %%
for part, here in data._asdict().items():
    print(f"{part}: {len(here.y):,} images, {here.y.mean():.1%} positive")
print(f"patients known: {info.patients or 'no'}; images that are copies of others: {info.duplicates}")

# %% [markdown]
# ## Some images
#
# Drawn at random, not picked: negative cases above, positive ones below. A ring marks what the
# sample has planted.
#
# **Ask:** could you tell the rows apart? What do you look at?

# %%
rng = np.random.default_rng(config.seed)
fig, grid = plt.subplots(2, 6, figsize=(10, 3.8))
for line, label in zip(grid, (0, 1), strict=True):
    for axes, place in zip(line, rng.choice(np.flatnonzero(train.y == label), 6), strict=True):
        draw_image(axes, train.images[place], case=train.cases.loc[place])
plt.show()

# %% [markdown]
# ## Does brightness give it away?
#
# **Read it:** how bright whole images are. A difference that anybody could measure without looking
# is a warning: the ill may come from another device, and a network learns that first.
#
# **Ask:** how much of a network's score could this explain? (The ward's rule in `config.yaml` uses
# it.)

# %%
fig, axes = plt.subplots(figsize=(7, 3.2))
sns.kdeplot(x=train.cases["brightness"], hue=train.cases["class"], common_norm=False, ax=axes)
alone = roc_auc_score(train.y, train.cases["brightness"])
axes.set_title(f"Mean brightness alone ranks cases with a ROC-AUC of {alone:.2f}")
plt.show()

# %% [markdown]
# ## Where the classes differ on average
#
# **Read it:** red places are brighter in positive cases. What lies at the same place in every image
# shows up; what moves, or is small, averages out.
#
# **Ask:** a logistic regression on pixels sees little more than this. Why does a convolution?

# %%
means = [grey[train.y == label].mean(axis=0) for label in (0, 1)]
reach = np.abs(means[1] - means[0]).max()
fig, grid = plt.subplots(1, 3, figsize=(9, 3.2))
for axes, mean, title in zip(grid, means, ("mean of negative", "mean of positive"), strict=False):
    axes.imshow(mean, cmap="gray")
    axes.set_title(title)
grid[2].imshow(means[1] - means[0], cmap="coolwarm", vmin=-reach, vmax=reach)
grid[2].set_title(f"difference, at most {reach:.0%}")
for axes in grid:
    axes.set_axis_off()
plt.show()

# %% [markdown]
# ## What a convolution does
#
# **Read it:** a kernel of 3 x 3 numbers slides over the image; at each place products are summed.
# Negative results become zero (ReLU); pooling keeps the largest of each block of four. A network
# learns its kernels.
#
# **Ask:** which of these would find an edge wherever it is?

# %%
image = grey[np.flatnonzero(train.y)[0]]
vertical = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
edges = np.maximum(convolve(image, vertical), 0)
steps = {
    "image": image,
    "average": convolve(image, np.full((3, 3), 1 / 9)),
    "vertical edges, ReLU": edges,
    "horizontal edges, ReLU": np.maximum(convolve(image, vertical.T), 0),
    "edges, max pooling": maximum_filter(edges, 2)[1::2, 1::2],
    "a quarter of the side": zoom(image, 0.25, order=1),
}
fig, grid = plt.subplots(1, 6, figsize=(11, 2.4))
for axes, (name, values) in zip(grid, steps.items(), strict=True):
    axes.imshow(values, cmap="gray")
    axes.set_title(f"{name}\n{values.shape[0]} x {values.shape[1]}", fontsize=8)
    axes.set_axis_off()
plt.show()

# %% [markdown]
# ## Augmentation
#
# **Read it:** one training image (first) and eleven variations, as `config.yaml` sets them. Only
# changes that leave the label alone are allowed.
#
# **Ask:** would you allow mirroring a chest? What else varies in a hospital?

# %%
copies = to_tensor(np.repeat(train.images[np.flatnonzero(train.y)[:1]], 12, axis=0))
varied = augment(copies, config.augmentation, torch.Generator().manual_seed(config.seed))
varied[0] = copies[0]
fig, grid = plt.subplots(2, 6, figsize=(9, 3.2))
for axes, each in zip(grid.flat, varied.numpy(), strict=True):
    draw_image(axes, (each.transpose(1, 2, 0) * 255).astype(np.uint8))
plt.show()

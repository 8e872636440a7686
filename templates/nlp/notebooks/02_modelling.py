# %% [markdown]
# # Review Sentiment: models, money, reasons
#
# From a model that knows nothing to one that decides which reviews to read. All numbers and all
# sentences below a table or plot are computed from the data at hand.

# %%
from sentiment.notebook import start

# %matplotlib inline
paths = start()

# %%
from importlib.util import find_spec

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Image, Markdown, display
from sklearn.metrics import roc_auc_score

# %%
from sentiment import ablation, business, charts, eda, embeddings, figures
from sentiment.business import Policy
from sentiment.config import Prices, load_config
from sentiment.data import read_processed
from sentiment.files import read_json
from sentiment.markdown import code
from sentiment.pipeline import STAGES
from sentiment.policy import NEVER, moved
from sentiment.predictor import Predictor
from sentiment.text import document, tokens
from sentiment.wording import LADDER, METRICS, label

# %% [markdown]
# ## The results at hand
#
# Where the pipeline has run, its results are read. Where it has not, or has run on other data, it
# runs now, which takes about a minute.

# %%
metrics_file, explain_file = paths.reports / "metrics.json", paths.reports / "explain.json"
data, info = read_processed(paths)
config = load_config(paths.root / "config.yaml", info.name)

reports = [read_json(file) for file in (metrics_file, explain_file) if file.exists()]
fresh = [report["dataset"]["sha256"] for report in reports] == [info.sha256, info.sha256]
if not fresh or not (paths.models / "current.txt").exists():
    for stage in STAGES[1:]:  # the first made the data
        stage.run(config, paths)
plt.rcParams.update(charts.STYLE)  # from here on: figures of the pipeline bring their own style

metrics, explanation = read_json(metrics_file), read_json(explain_file)
detail = metrics["nlp"]
predictions = pd.read_csv(paths.reports / "predictions.csv")
validation, test = (
    (rows["y"].to_numpy(float), rows["probability"].to_numpy())
    for rows in (predictions[predictions["part"] == part] for part in ("validation", "test"))
)
texts, y = data.train["text"], data.train["positive"]
note = " (synthetic sample)" if info.synthetic else ""

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {info.rows:,} reviews. The models were "
        f"chosen on {len(validation[0]):,} of them by cross-validation; the other {len(test[0]):,} "
        f"tested the chosen one, once."
    )
)

# %% [markdown]
# ## From a review to numbers
#
# A model cannot read. The review is split into **tokens**; here are words, numbers, emoji, `!` and
# `?`, in lower case. **Lemmas** are the forms in which a dictionary has them ("batteries" becomes
# "battery"). **Stop words** are those that any text is full of. Of these steps each throws
# something away, which helps only if it was noise.

# %%
example = min(texts[texts.str.len() > 60], key=len, default=texts.iloc[0])
pd.DataFrame(
    {
        "": {
            "review": example,
            "tokens": " | ".join(tokens(example)),
            "lemmas": " | ".join(ablation.lemmas(example)),
            "without stop words": " | ".join(ablation.without_stop_words(example)),
            "words, pairs and parts": " | ".join(document(example).split()[:40]) + " …",
        }
    }
).style.set_properties(**{"white-space": "normal", "text-align": "left"})

# %% [markdown]
# ### What each step is worth
#
# The same model, logistic regression, on the same folds; one row a step. **Counts** say how often
# a word occurs; **TF-IDF** makes words that few reviews have weigh more. The last row is what the
# published classical models count.

# %%
steps = ablation.ablation(texts, y, config)
pd.DataFrame(
    {
        step["name"]: {
            METRICS[key]: "{value:.3f} ({low:.3f} to {high:.3f})".format(**step["metrics"][key])
            for key in LADDER
        }
        for step in steps
    }
).T

# %%
fig, axes = plt.subplots(figsize=(7, 1 + 0.45 * len(steps)), layout="constrained")
for place, step in enumerate(steps):
    found = step["metrics"]["roc_auc"]
    axes.plot([found["low"], found["high"]], [place, place], color=charts.GREY, lw=4)
    axes.plot(found["value"], place, "o", color=charts.BLUE, ms=8)
axes.set_yticks(range(len(steps)), [step["name"] for step in steps])
axes.invert_yaxis()
axes.set_xlabel("ROC-AUC on validation folds (95% interval)")
best = max(steps, key=lambda step: step["metrics"]["roc_auc"]["value"])
axes.set_title(f"Best: {best['name']}{note}")
plt.show()

base = next((step for step in steps if step["name"] == "words, lower case"), steps[0])
lines = []
for step in steps:
    if step is base:
        continue
    change = step["metrics"]["roc_auc"]["value"] - base["metrics"]["roc_auc"]["value"]
    inside = base["metrics"]["roc_auc"]["low"] <= step["metrics"]["roc_auc"]["value"]
    inside &= step["metrics"]["roc_auc"]["value"] <= base["metrics"]["roc_auc"]["high"]
    verdict = "within" if inside else "beyond"
    lines.append(
        f"- {code(step['name'])}: ROC-AUC {change:+.3f}, {verdict} that interval."
    )
display(Markdown(f"Compared with {code(base['name'])} and its interval:\n\n" + "\n".join(lines)))

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it is harder to explain than the one below it.
#
# - **dummy**: nothing. It gives every review the overall share of good ones.
# - **naive Bayes**: how often each word occurs in good and in bad reviews, as if words knew nothing
#   of each other.
# - **logistic regression**: a weight for each word, found so that all of them together fit.
# - **linear SVM**: weights too, found so that the margin between the two kinds is widest.
# - **BERT**, where it is asked for: words in their context. See below.

# %%
ranked = sorted(metrics["models"], key=lambda model: -model["metrics"]["roc_auc"]["value"])
pd.DataFrame(
    {
        label(model["name"]): {
            METRICS[key]: "{value:.3f} ({low:.3f} to {high:.3f})".format(**model["metrics"][key])
            for key in LADDER
        }
        for model in metrics["models"]
    }
).T

# %%
fig, axes = plt.subplots(figsize=(7, 1.5 + 0.6 * len(ranked)), layout="constrained")
figures.ladder(axes, metrics["models"], note)
plt.show()

first, second = (model["metrics"]["roc_auc"] for model in ranked[:2])
together = first["low"] <= second["high"]
display(
    Markdown(
        f"{label(ranked[0]['name'])} ranks best: of a good and a bad review it gives the good one "
        f"the higher probability {first['value']:.1%} of the time; the next, "
        f"{label(ranked[1]['name'])}, {second['value']:.1%}. Their intervals "
        + ("overlap: other reviews could turn the order." if together else "are apart.")
    )
)

# %% [markdown]
# ### On the test reviews

# %%
fig, grid = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
figures.roc(grid[0], test, metrics["test"]["roc_auc"], note)
figures.confusion(grid[1], detail["confusion"], note)
plt.show()

chosen = next(model for model in metrics["models"] if model["selected"])
score, expected = metrics["test"]["roc_auc"], chosen["metrics"]["roc_auc"]["value"]
held = "inside" if score["low"] <= expected <= score["high"] else "outside"
display(
    Markdown(
        f"Chosen: {label(chosen['name'])}. Its validation ROC-AUC of {expected:.3f} lies {held} "
        f"the 95% interval of the test ({score['low']:.3f} to {score['high']:.3f})."
    )
)

# %%
fig, grid = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
figures.calibration(grid[0], detail["calibration_curve"], note)
figures.slices(grid[1], detail["slices"], note)
plt.show()

# %% [markdown]
# ## Word vectors
#
# To the models above "awful" and "terrible" have nothing in common. Word vectors change that: words
# with the same neighbours get similar vectors. word2vec learns them by guessing neighbours; it can
# be shown to factorise a table of how much oftener than by chance two words meet (Levy and Goldberg
# 2014), and that is done here. Antonyms have the same neighbours too ("the screen is great", "the
# screen is awful"): likeness of use is not likeness of sentiment.

# %%
vectors = embeddings.train_vectors(texts, 50, config.seed)
telling = eda.telling(texts, y)
asked = [word for word in [*telling.index[:3], *telling.index[-3:]] if word in vectors.words]
pd.DataFrame(
    {
        word: {f"{place}.": f"{near} ({similar:.2f})" for place, (near, similar) in
               enumerate(vectors.nearest(word).items(), start=1)}
        for word in asked
    }
).T

# %%
often = eda.frequent(texts, 1, eda.STOP_WORDS).index
shown = [word for word in often if word in vectors.words][:70]
if len(shown) < 3:
    display(Markdown("Too few words are frequent enough to have vectors."))
else:
    rows = vectors.values[[vectors.words.index(word) for word in shown]]
    flat = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[0][:, :2]
    fig, axes = plt.subplots(figsize=(9, 6), layout="constrained")
    strengths = [telling.get(word, 0.0) for word in shown]
    limit = max(map(abs, strengths), default=1) or 1
    dots = axes.scatter(*flat.T, c=strengths, cmap="coolwarm_r", vmin=-limit, vmax=limit)
    for (across, up), word in zip(flat, shown):
        axes.annotate(word, (across, up), fontsize=8)
    axes.set_title(f"Frequent words by their two main directions{note}")
    axes.set_xticks([])
    axes.set_yticks([])
    fig.colorbar(dots, label="goes with good reviews (standard deviations)")
    plt.show()

# %%
lines = [
    "- vectors trained on these reviews, without their labels: ROC-AUC "
    f"{embeddings.score(vectors, texts, y, config):.3f}"
]
glove = sorted((paths.root / "data").glob("glove*.txt"))
if glove:
    wanted = {token for text in texts for token in tokens(text)}
    known = embeddings.read_vectors(glove[0], wanted)
    lines.append(
        f"- {code(glove[0].name)}, which knows {len(known.words):,} of {len(wanted):,} words: "
        f"ROC-AUC {embeddings.score(known, texts, y, config):.3f}"
    )
else:
    lines.append(
        "- GloVe: no file `data/glove*.txt`. Download `glove.6B.zip` from "
        "<https://nlp.stanford.edu/projects/glove/> and unpack `glove.6B.100d.txt` into `data/`."
    )
lines.append(f"- for comparison, {label(chosen['name'])} on words: {expected:.3f}")
display(Markdown("A review as the mean of its words' vectors:\n\n" + "\n".join(lines)))

# %% [markdown]
# ## A network that reads in order
#
# A mean of vectors forgets the order of words. An LSTM reads one word after the other and keeps a
# memory. It needs torch (`uv sync --extra bert`).

# %%
if find_spec("torch") is None:
    display(Markdown("torch is not installed, so the LSTM is left out."))
else:
    from sentiment import lstm

    found = roc_auc_score(y, lstm.out_of_fold(texts, y, config))
    display(
        Markdown(
            f"LSTM: ROC-AUC {found:.3f} on validation folds; {label(chosen['name'])}: "
            f"{expected:.3f}."
        )
    )

# %% [markdown]
# ## What attention looks at
#
# A transformer reads all words at once. In each layer every word asks all others how much they
# matter to it: the weights are a softmax over likenesses of vectors. Below, the plainest case: one
# head, and the vectors from above in place of learned ones.
#
# - An **encoder** (BERT, DistilBERT) lets every word look at all others, left and right: it is
#   made to understand a text that is there.
# - A **decoder** (GPT) hides the words that come later: it is made to continue a text.
# - An **encoder-decoder** (T5, translation) has both, and each word of the decoder also looks at
#   all words of the encoder: it is made to turn one text into another.

# %%
small = embeddings.train_vectors(texts, 16, config.seed)
line = [word for word in tokens(example) if word in small.words][:12]
values = small.values[[small.words.index(word) for word in line]]
if len(line) < 2:
    display(Markdown("The example has too few words that are frequent enough to have vectors."))
else:
    fig, grid = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    for axes, causal, name in zip(grid, (False, True), ("encoder", "decoder")):
        weights = pd.DataFrame(embeddings.attention(values, causal), index=line, columns=line)
        axes.imshow(weights, cmap="Blues", vmin=0)
        axes.set_xticks(range(len(line)), line, rotation=60, ha="right")
        axes.set_yticks(range(len(line)), line)
        axes.grid(visible=False)
        axes.set_title(f"{name}: each row looks at the columns")
    plt.show()

# %% [markdown]
# What a real BERT looks at, where one is at hand as a folder (`checkpoint` under `bert` in
# `config.yaml`):

# %%
folder = paths.root / config.bert.checkpoint
if find_spec("transformers") is None or not (folder / "config.json").is_file():
    display(Markdown("There is no checkpoint in a folder, or `transformers` is not installed."))
else:
    from sentiment import bert

    pieces, looks = bert.attention(folder, example)
    fig, axes = plt.subplots(figsize=(7, 6), layout="constrained")
    axes.imshow(looks, cmap="Blues", vmin=0)
    axes.set_xticks(range(len(pieces)), pieces, rotation=60, ha="right")
    axes.set_yticks(range(len(pieces)), pieces)
    axes.grid(visible=False)
    axes.set_title("Last layer, mean of its heads, before fine-tuning")
    plt.show()

# %% [markdown]
# ## Telling words

# %%
display(Image(filename=paths.figures / "words.png", width=750))
display(Image(filename=paths.figures / "reviews.png", width=750))

# %% [markdown]
# ## The worst mistakes
#
# The test reviews on which the model was most certain, and wrong. Sort them: is the label wrong?
# Is it irony, a comparison, a negation at a distance? Does praise of one aspect hide the blame of
# another? Words stand beside what they added to the log-odds of positive.

# %%
predictor = Predictor.load(paths.models)
reviews, truth = data.test["text"].tolist(), data.test["positive"].to_numpy()
probability = predictor.predict_proba([{"text": text} for text in reviews])
error = np.abs(truth - probability)
worst = [place for place in np.argsort(-error, kind="stable")[:20] if error[place] >= 0.5]
pd.DataFrame(
    [
        {
            "review": reviews[place][:220],
            "label": "positive" if truth[place] else "negative",
            "probability": f"{probability[place]:.0%}",
            "strongest words": ", ".join(
                f"{row['feature']} {row['contribution']:+.2f}"
                for row in predictor.explain([{"text": reviews[place]}])[0][:4]
            ),
        }
        for place in worst
    ]
).style.set_properties(**{"white-space": "normal", "text-align": "left"}).hide(axis="index")

# %%
wrong = error >= 0.5
display(
    Markdown(
        f"{wrong.sum():,} of {len(wrong):,} test reviews are on the wrong side of 0.5. Of the "
        f"{(error >= 0.9).sum():,} on which the model was more than 90% certain and wrong, some may "
        "be labelled wrongly: read them before you blame the model."
    )
)

# %% [markdown]
# ## From probability to money
#
# Reading and answering a review costs the same whatever it says; only an unhappy customer who is
# won back brings anything. So there is a risk from which reading pays. The threshold is the one
# that would have earned most on validation reviews. The prices stand in `config.yaml`: they are
# assumptions, and the result is no better than they are.

# %%
money = detail["business"]
prices, policy = Prices(**money["prices"]), Policy(money["threshold"], money["naive"])
fig, grid = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
figures.profit(grid[0], money, note)
figures.reach(grid[1], test, money, note)
plt.show()

display(Markdown(f"{metrics['business']['headline']}."))
pd.DataFrame(
    {
        f"per 1,000 reviews ({prices.currency})": {
            f"against \u201c{name}\u201d": "{value:,.0f} ({low:,.0f} to {high:,.0f})".format(**saving)
            for name, saving in money["per_1000_reviews"].items()
        }
    }
)

# %% [markdown]
# ### If the prices are wrong

# %%
fig, axes = plt.subplots(layout="constrained")
figures.sensitivity(axes, money, metrics["business"], note)
plt.show()

# %%
sides = [(1 - truth, 1 - found) for truth, found in (validation, test)]
rows = []
for factor in (0.25, 0.5, 1, 2, 4):
    other = moved(prices, "reading_cost", factor)
    choice = business.choose_policy(*sides[0], other)
    rows.append(
        {
            f"cost of reading ({prices.currency})": f"{other.reading_cost:,.2f}",
            "threshold": f"{choice.threshold:.3f}" if choice.threshold < NEVER else "read nothing",
            "reviews read": f"{(sides[1][1] >= choice.threshold).mean():.0%}",
            "better naive rule": choice.naive,
            f"saving ({prices.currency})": f"{business.saving(*sides, other):,.0f}",
        }
    )
pd.DataFrame(rows).set_index(f"cost of reading ({prices.currency})")

# %% [markdown]
# ## What to change first
#
# Winning customers back one by one treats the symptom. Counting what unhappy customers blame shows
# the cause, and what it puts at risk.

# %%
if detail["aspects"] and detail["aspects"][0]["revenue_at_risk"]["value"]:
    fig, axes = plt.subplots(layout="constrained")
    figures.aspects(axes, detail["aspects"], prices.currency, note)
    plt.show()

    top = detail["aspects"][0]
    risk = top["revenue_at_risk"]
    display(
        Markdown(
            f"{code(top['aspect'])} puts most at risk: {risk['value']:,.0f} {prices.currency} per "
            f"1,000 reviews (95% interval {risk['low']:,.0f} to {risk['high']:,.0f}). "
            f"{top['blamed']:,} of the {top['unhappy']:,} negative test reviews that mention it "
            "blame it, as the model reads them."
        )
    )
else:
    display(Markdown("No aspect that `config.yaml` names puts revenue at risk."))

# %% [markdown]
# ## What remains open
#
# Whether an answer wins a customer back is an assumption here; only an experiment can tell. And a
# model that counts words does not understand them: the README shows for which reviews that hurts.

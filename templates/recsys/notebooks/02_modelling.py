# %% [markdown]
# # Recommender: models, an experiment, reasons
#
# From what is popular to what suits one person, and what an A/B test would say of the difference.
# All numbers and all sentences below a table or plot are computed from the results of the
# pipeline.

# %%
from recommender.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

# %%
from recommender import ab_test, charts, figures
from recommender.config import load_config
from recommender.data import read_processed
from recommender.files import read_json
from recommender.markdown import amount, code, table
from recommender.models import ladder, recommend
from recommender.pipeline import STAGES
from recommender.predictor import Predictor
from recommender.ranking import NO_ITEM
from recommender.train import as_slice, item_texts
from recommender.wording import CHARACTER, accuracy_names, label, scores

# %% [markdown]
# ## The results at hand
#
# Where the pipeline has run, its results are read. Where it has not, or has run on other data, it
# runs now, which takes about a minute on the sample.

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
detail, primary = metrics["recsys"], metrics["primary_metric"]["name"]
models = metrics["models"]
chosen = next(model for model in models if model["selected"])
note = " (synthetic sample)" if info.synthetic else ""

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {info.rows:,} interactions of "
        f"{info.users:,} users with {info.items:,} items. Models were chosen by the validation "
        f"slice ({info.slices['validation']:,} interactions); the test slice "
        f"({info.slices['test']:,}) was used once."
    )
)

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it has to see something that the one below cannot.
#
# - **popularity**: nothing of the user. Everybody gets what most people liked.
# - **content**: the words of the liked items (TF-IDF). It can recommend what nobody has liked yet.
# - **user-user** and **item-item**: who liked the same. The first looks for similar people, the
#   second for items with the same audience.
# - **SVD**: a few directions of taste behind all likes, so that two items need no common reader.
# - **EASE**: one weight from each item to each other, all fitted together in closed form, so that
#   what a third item explains is not counted twice.
# - **ALS** and **BPR**: factors again, made for likes without dislikes. The first weighs a like
#   more than its absence, the second learns to put a like above what is none.
#
# All rungs named under `models` in `config.yaml` get the same number of tries on the same
# validation slice. Brackets hold the 95% bootstrap interval over users.

# %%
pd.DataFrame(
    {
        label(model["name"]): {
            label(name): "{value:.3f} ({low:.3f} to {high:.3f})".format(**model["metrics"][name])
            for name in accuracy_names(detail["k"])
        }
        for model in models
    }
).T

# %%
fig, axes = plt.subplots(figsize=(7, 1.5 + 0.5 * len(models)), layout="constrained")
figures.ladder(axes, models, primary, note)
plt.show()

ranked = sorted(models, key=lambda model: -model["metrics"][primary]["value"])
best = ranked[0]["metrics"][primary]
close = [m for m in ranked[1:] if m["metrics"][primary]["high"] >= best["low"]]
baseline = models[0]["metrics"][primary]["value"]
sentence = (
    f"{label(ranked[0]['name'])} has the highest {label(primary)}, {best['value']:.3f}; "
    f"popularity has {baseline:.3f}. "
)
if close:
    names = ", ".join(label(model["name"]) for model in close)
    sentence += f"Its interval overlaps with that of {names}: other users could turn the order."
else:
    sentence += "Its interval is apart from those of all others."
display(Markdown(sentence))

# %% [markdown]
# ## What each model recommends to the same person
#
# Somebody with a typical number of likes, before and after. Every model is fitted with its best
# settings on the training slice; **bold** is what this person went on to like in the validation
# slice.

# %%
task, texts = as_slice(data, data.train, data.validation), item_texts(data)
known, later = np.diff(task.likes.indptr), np.diff(task.relevant.indptr)
candidates = np.flatnonzero(later >= np.median(later[later > 0]))
if known[candidates].any():
    candidates = candidates[known[candidates] > 0]
person = candidates[np.argsort(known[candidates], kind="stable")[len(candidates) // 2]]
one = slice(person, person + 1)
wanted, shown = set(task.relevant[one].indices), {}
best_settings = {model["name"]: model["settings"] for model in models}
for rung in ladder(config):
    if rung.name in best_settings:
        fitted = rung.fit(task.likes, texts, best_settings[rung.name], config.seed)
        found = recommend(fitted, task.likes[one], task.seen[one], detail["k"])[0]
        shown[rung.name] = found[found != NO_ITEM]

titles = data.items["title"]
liked = ", ".join(code(titles[item]) for item in task.likes[one].indices[:8])
rows = []
for name, items in shown.items():
    named = [f"**{code(titles[i])}**" if i in wanted else code(titles[i]) for i in items[:5]]
    rows.append([label(name), ", ".join(named), f"{len(wanted & set(items))} of {len(items)}"])
display(
    Markdown(
        f"The person likes {known[person]} items, among them {liked}, and later liked "
        f"{later[person]} more.\n\n" + table(["Model", "The first five", "Right of all"], rows)
    )
)

# %%
names = list(shown)
overlap = pd.DataFrame(
    [[len(set(shown[a]) & set(shown[b])) for b in names] for a in names], names, names
)
fig, axes = plt.subplots(figsize=(6, 5), layout="constrained")
axes.imshow(overlap, cmap="Blues")
for (row, column), number in np.ndenumerate(overlap.to_numpy()):
    colour = "white" if number > detail["k"] / 2 else "black"
    axes.text(column, row, number, ha="center", va="center", color=colour)
axes.set_xticks(range(len(names)), [label(name) for name in names], rotation=45, ha="right")
axes.set_yticks(range(len(names)), [label(name) for name in names])
axes.grid(visible=False)
axes.set_title(f"Items that two models both recommend, of {detail['k']}{note}")
plt.show()

pairs = overlap.where(np.triu(np.ones(overlap.shape, bool), 1)).stack()
one_name, other = pairs.idxmax()
hits = [len(wanted & set(items)) for items in shown.values()]
display(
    Markdown(
        f"{label(one_name)} and {label(other)} agree most, in {pairs.max():.0f} of "
        f"{detail['k']} items. The models are right {min(hits)} to {max(hits)} times for this one "
        "person, which proves nothing: therefore the means over all users, and their intervals."
    )
)

# %% [markdown]
# ## Accuracy against coverage and novelty
#
# A list can be right and still show everybody the same. Coverage is the share of items that
# anybody is shown; novelty is how rare an item is among likes, in bits; diversity is how little the
# items of a list have in common.

# %%
fig = plt.figure(figsize=(9, 4), layout="constrained")
figures.tradeoff(fig, models, primary, note)
plt.show()

character = {
    label(model["name"]): {
        "Coverage": f"{model['coverage']:.1%}",
        **{label(name): f"{model['metrics'][name]['value']:.3f}" for name in CHARACTER},
    }
    for model in models
}
display(pd.DataFrame(character).T)

widest = max(models, key=lambda model: model["coverage"])
difference = widest["metrics"][primary]["value"] - chosen["metrics"][primary]["value"]
sentence = f"{label(widest['name'])} shows most of the catalogue ({widest['coverage']:.0%})"
if widest is chosen:
    sentence += ", and is the chosen model."
else:
    sentence += (
        f"; the chosen {label(chosen['name'])} shows {chosen['coverage']:.0%}. Taking the first "
        f"instead would change {label(primary)} by {difference:+.3f}: whether that is worth it is "
        "for the business to say."
    )
display(Markdown(sentence))

# %% [markdown]
# ## The choice, and the test
#
# The best model that can be published is fitted again on training and validation, and sees the
# test slice once. Popularity stands beside it.

# %%
columns = ["On the test slice", label(chosen["name"]), "popularity"]
display(pd.DataFrame(scores(metrics), columns=columns).set_index(columns[0]))

users = pd.DataFrame(detail["cold_users"]).rename(columns={"likes": "known likes"})
users = users.rename(columns={"treatment": label(chosen["name"]), "control": "popularity"})
display(users.set_index("known likes").round(3))

test, before = metrics["test"][primary], chosen["metrics"][primary]["value"]
popular = detail["popularity"][primary]
apart = "apart" if test["low"] > popular["high"] else "not apart"
display(
    Markdown(
        f"{label(primary)} on the test slice is {test['value']:.3f} ({test['low']:.3f} to "
        f"{test['high']:.3f}); on the validation slice it was {before:.3f}, with less to learn "
        f"from. Popularity has {popular['value']:.3f}: the intervals are {apart}. The last table "
        "shows the cold start: who has told nothing gets what is popular."
    )
)

# %% [markdown]
# ## The A/B test: how many users
#
# Accuracy on past likes is not money. The question is whether people click more, and an A/B test
# answers it: half of the users see what is popular (control), half what the model recommends
# (treatment). First the plan: the smaller the effect worth finding, the more users it takes.

# %%
plan, result = (detail["business"][name] for name in ("plan", "result"))
planned = ab_test.Plan(**plan)
largest = min(0.3, 0.9 * (1 / planned.baseline - 1))
lifts = np.linspace(largest / 15, largest, 60)
sizes = [
    ab_test.sample_size(
        planned.baseline, planned.baseline * (1 + lift), planned.alpha, planned.power
    )
    for lift in lifts
]
fig, axes = plt.subplots(layout="constrained")
axes.plot(lifts, sizes, color=charts.BLUE)
axes.plot(planned.min_effect, planned.users_per_group, "o", color=charts.ORANGE, label="the plan")
axes.set_yscale("log")
axes.xaxis.set_major_formatter("{x:.0%}")
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.set_xlabel("relative lift of the click-through rate to detect")
axes.set_ylabel("users per group")
axes.set_title(f"Half the effect takes four times the users{note}")
axes.legend()
plt.show()

display(
    Markdown(
        f"The click-through rate (CTR) is the share of visits that end in a click. To find a lift "
        f"of {planned.min_effect:.0%} on a CTR of {planned.baseline:.1%} with a power of "
        f"{planned.power:.0%} at alpha = {planned.alpha:g} takes {planned.users_per_group:,} users "
        "per group."
    )
)

# %% [markdown]
# ## The A/B test: what it finds
#
# The test is simulated. On the sample users click by the tastes with which it was made; on other
# data a click model stands in, whose assumptions the README states. Either way the level of the CTR
# is not to be trusted as much as the comparison.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.ab_test(axes, detail, note)
plt.show()

money = metrics["business"]
rates, lift = [result[group] for group in ("control", "treatment")], result["lift"]
amounts = [amount(money[end]) for end in ("value", "low", "high")]
words = ["{value:.1%} ({low:.1%} to {high:.1%})".format(**rate) for rate in rates]
verdict = "significant" if result["significant"] else "not significant"
display(
    Markdown(
        f"Control: {words[0]}. Treatment: {words[1]}. The lift of {lift['value']:+.0%} "
        f"({lift['low']:+.0%} to {lift['high']:+.0%}) is {verdict}. At the prices of `config.yaml` "
        f"the model's clicks are worth {amounts[0]} {money['currency']} a {money['per']} more "
        f"({amounts[1]} to {amounts[2]}, over the users of the test slice)."
    )
)

# %% [markdown]
# ## Peeking
#
# Whoever looks at a running test every day and stops at the first significant result finds
# differences that do not exist. Here both groups see the same list, thousands of times over.

# %%
trial = detail["experiment"]
fig, axes = plt.subplots(layout="constrained")
figures.peeking(axes, trial, note)
plt.show()

looks = trial["peeking"]
display(
    Markdown(
        f"With one look at the planned end {trial['false_alarms']:.1%} of {trial['simulations']:,} "
        "tests without any difference came out significant, about as often as alpha "
        f"({trial['alpha']:g}) allows. With {len(looks)} looks it was {looks[-1]:.0%}. So the "
        "number of users is fixed first, and the result read once."
    )
)

# %% [markdown]
# ## Because you liked
#
# A published model's score is a sum over the liked items, so each like's part of it is exact. Here
# is the person from above again, as the published model sees them now.

# %%
predictor = Predictor.load(paths.models)
instance = {"user": data.users["id"][person], "k": 1}
first = predictor.predict([instance])[0]["items"][0]
reasons = predictor.explain([instance])[0]
parts = [reason["contribution"] for reason in reasons]
fig, axes = plt.subplots(figsize=(7, 1.2 + 0.4 * len(reasons)), layout="constrained")
axes.barh(range(len(parts)), parts, color=charts.BLUE)
axes.set_yticks(range(len(parts)), [charts.short(reason["feature"]) for reason in reasons])
axes.invert_yaxis()
axes.axvline(0, color="black", lw=1)
axes.set_xlabel(f"added to the score; together {sum(parts):.3g}")
axes.set_title(f"Why {charts.short(first['title'])}{note}")
plt.show()

likes = [reason for reason in reasons if reason["value"] is not None]
strongest = max(likes, key=lambda reason: reason["contribution"])
lines = [
    f"{code(first['title'])} is recommended most of all because of {code(strongest['feature'])}, "
    f"which adds {strongest['contribution'] / first['score']:.0%} of the score."
]
tastes = explanation["tastes"]
if tastes:
    lines.append(
        "In the sample it is known what each item is about: of the items to whose scores a like "
        f"adds most, {tastes['neighbours']:.0%} share its main taste; of all items "
        f"{tastes['chance']:.0%} do."
    )
display(Markdown(" ".join(lines)))

# %% [markdown]
# ## What this does not show
#
# - **Whether people click.** The clicks are simulated. A real test has to decide, with the number
#   of users fixed before.
# - **What they would have liked but never met.** Past likes come from what was shown, so popular
#   items look better than they are.
# - **What it does to them.** Who is shown more of the same likes more of the same. Watch coverage
#   and novelty after a launch, not clicks alone.

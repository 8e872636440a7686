# %% [markdown]
# # Customer Churn: models, money, reasons
#
# From a model that knows nothing to one that decides whom to contact. All numbers and all
# sentences below a table or plot are computed from the results of the pipeline.

# %%
from churn.notebook import start

# %matplotlib inline
paths = start()

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Image, Markdown, display

# %%
from churn import business, charts, eda, figures
from churn.config import Prices, load_config
from churn.data import read_processed
from churn.files import read_json
from churn.markdown import code
from churn.pipeline import STAGES
from churn.policy import NEVER, PRICE_SWING, gain, moved, profit_curve
from churn.predictor import Predictor
from churn.wording import LADDER, METRICS

# %% [markdown]
# ## The results at hand
#
# Where the pipeline has run, its results are read. Where it has not, or has run on other data, it
# runs now, which takes about a minute.

# %%
metrics_file, explain_file = paths.reports / "metrics.json", paths.reports / "explain.json"
data, info = read_processed(paths)

reports = [read_json(file) for file in (metrics_file, explain_file) if file.exists()]
fresh = [report["dataset"]["sha256"] for report in reports] == [info.sha256, info.sha256]
if not fresh or not (paths.models / "current.txt").exists():
    for stage in STAGES[1:]:  # the first made the data
        stage.run(load_config(paths.root / "config.yaml", info.name), paths)
plt.rcParams.update(charts.STYLE)  # from here on: figures of the pipeline bring their own style

metrics, explanation = read_json(metrics_file), read_json(explain_file)
detail = metrics["tabular"]
predictions = pd.read_csv(paths.reports / "predictions.csv")
validation, test = (
    (rows["y"].to_numpy(float), rows["probability"].to_numpy())
    for rows in (predictions[predictions["part"] == part] for part in ("validation", "test"))
)
note = " (synthetic sample)" if info.synthetic else ""

origin = "**a synthetic sample, made up by this project**" if info.synthetic else "read from a file"
display(
    Markdown(
        f"The data set {code(info.name)} ({origin}) has {info.rows:,} customers. The models were "
        f"chosen on {len(validation[0]):,} of them by cross-validation; the other {len(test[0]):,} "
        f"tested the chosen one, once. {detail['churn_rate']:.0%} of the test customers left."
    )
)

# %% [markdown]
# ## The ladder
#
# Every rung must earn its place: it is harder to explain than the one below it, so it has to see
# something that the one below cannot.
#
# - **dummy**: nothing. It gives every customer the overall churn rate, and what does not beat it
#   has learned nothing.
# - **logistic regression**: the features. Each adds to the log-odds of churn in a straight line,
#   whatever the others say.
# - **random forest**: thresholds, curves and interactions. Its trees split on one feature inside a
#   group that another one made; many deep trees are averaged.
# - **XGBoost**: what is still wrong. Each small tree corrects the sum of those before it, where the
#   trees of a forest know nothing of each other.
#
# All rungs named under `models` in `config.yaml` are tuned and scored on the same folds. The
# preparation of the features is part of each model, so that nothing of a fold leaks into its own
# training. Brackets hold the 95% bootstrap interval; F1 is at a threshold of 0.5.

# %%
ranked = sorted(metrics["models"], key=lambda model: -model["metrics"]["roc_auc"]["value"])
pd.DataFrame(
    {
        model["name"]: {
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

best, second = (model["metrics"]["roc_auc"] for model in ranked[:2])
together = best["low"] <= second["high"]
display(
    Markdown(
        f"{code(ranked[0]['name'])} ranks customers best: of one who left and one who stayed, it "
        f"gives the leaver the higher risk {best['value']:.1%} of the time. The next, "
        f"{code(ranked[1]['name'])}, does so {second['value']:.1%} of the time. Their intervals "
        + ("overlap: other customers could turn the order." if together else "are apart.")
    )
)

# %% [markdown]
# ## The choice
#
# The highest validation ROC-AUC wins. Ranking is what counts here, because the threshold is set
# later, by money. Then the test set is used, once: this is what to expect from new customers.

# %%
chosen = next(model for model in metrics["models"] if model["selected"])
pd.DataFrame(
    {
        METRICS[key]: {
            "validation": "{value:.3f} ({low:.3f} to {high:.3f})".format(**chosen["metrics"][key]),
            "test": "{value:.3f} ({low:.3f} to {high:.3f})".format(**metrics["test"][key]),
        }
        # The others depend on the threshold: 0.5 in validation, set by money in the test.
        for key in ("roc_auc", "average_precision", "brier")
    }
).T

# %%
fig, axes = plt.subplots(layout="constrained")
figures.roc(axes, test, metrics["test"]["roc_auc"], note)
plt.show()

score, expected = metrics["test"]["roc_auc"], chosen["metrics"]["roc_auc"]["value"]
held = "inside" if score["low"] <= expected <= score["high"] else "outside"
settings = [f"{code(key)} = {eda.written(value)}" for key, value in chosen["settings"].items()]
display(
    Markdown(
        f"Chosen: {code(chosen['name'])} (settings found: {', '.join(settings) or 'none'}). Its "
        f"validation ROC-AUC of {expected:.3f} lies {held} the 95% interval of the test "
        f"({score['low']:.3f} to {score['high']:.3f})"
        + (": choosing it did not flatter it noticeably." if held == "inside" else ".")
    )
)

# %% [markdown]
# ## What else was tried
#
# Each variant changes one thing about the chosen model, on the same folds:
#
# - **Class weights** and **SMOTE** make leavers count as if there were more of them. A model that
#   only says yes or no gains from that. Probabilities come out too high, and expected money is
#   computed from probabilities; moving the threshold does the same job without harm. So both are
#   compared, not shipped.
# - **Outliers clipped**: values beyond the 1st and 99th percentile are pulled back to them.
# - **Ratios**: features that `config.yaml` makes from two columns.

# %%
variants = detail["ablation"]
fig, grid = plt.subplots(
    1, 3, figsize=(11, 1.3 + 0.4 * len(variants)), sharey=True, layout="constrained"
)
for axes, key in zip(grid, ("roc_auc", "f1", "brier")):
    for place, variant in enumerate(variants):
        score, colour = variant["metrics"][key], charts.GREY if place else charts.BLUE
        axes.plot([score["low"], score["high"]], [place, place], color=colour, lw=4)
        axes.plot(score["value"], place, "o", color=colour, ms=8)
    axes.axvline(variants[0]["metrics"][key]["value"], color=charts.BLUE, ls=":")
    axes.set_xlabel(METRICS[key])
    axes.locator_params(axis="x", nbins=5)
grid[0].set_yticks(range(len(variants)), [eda.short(variant["name"]) for variant in variants])
grid[0].invert_yaxis()
base = variants[0]["metrics"]
better = [v["name"] for v in variants if v["metrics"]["roc_auc"]["value"] > base["roc_auc"]["high"]]
worse = [v["name"] for v in variants if v["metrics"]["brier"]["value"] > base["brier"]["high"]]
title = f"{', '.join(better) or 'No variant'} clearly improves the ranking{note}"
fig.suptitle(title, x=0.01, ha="left", weight="bold")
plt.show()

lines = []
for variant in variants[1:]:
    change = {key: variant["metrics"][key]["value"] - base[key]["value"] for key in LADDER}
    verdict = "the probabilities are clearly worse" if variant["name"] in worse else ""
    verdict = "a clearly better ranking" if variant["name"] in better else verdict
    lines.append(
        f"- {code(variant['name'])}: ROC-AUC {change['roc_auc']:+.4f}, F1 {change['f1']:+.4f}, "
        f"Brier score {change['brier']:+.4f}; {verdict or 'no clear gain, no clear loss'}."
    )
display(Markdown("\n".join(lines)))

# %% [markdown]
# ## Calibration
#
# If the model says 30% to ten customers, three should leave: only then is money expected from it
# worth anything. Platt's sigmoid can repair a model that exaggerates. It is used where it lowers
# the Brier score on validation folds, and not otherwise.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.calibration(axes, detail["calibration_curve"], note)
plt.show()

candidates = detail["calibration"]["candidates"]
lines = [
    f"- {'no correction' if name == 'none' else name}: Brier score {values['brier']:.4f}, mean gap "
    f"between prediction and outcome {values['expected_calibration_error']:.1%}"
    + (" (shipped)" if name == detail["calibration"]["chosen"] else "")
    for name, values in candidates.items()
]
widest = max(detail["calibration_curve"], key=lambda p: abs(p["predicted"] - p["observed"]))
lines += [
    "",
    f"On the test customers the mean gap is {detail['test_calibration_error']:.1%}. It is widest "
    f"in the group predicted at {widest['predicted']:.0%}, of which {widest['observed']:.0%} left "
    f"({widest['rows']:,} customers, so some of the gap is chance).",
]
display(Markdown("\n".join(lines)))

# %% [markdown]
# ## From probability to money
#
# An offer costs the same for everybody, but only a leaver who accepts it brings anything. So
# there is a probability from which an offer pays. The threshold is the one that would have earned
# most on the validation customers; the test customers then show what it earns where it was not
# chosen. The prices stand in `config.yaml`: they are assumptions, and the result is no better
# than they are.

# %%
money = detail["business"]
prices = Prices(**money["prices"])
policy = business.Policy(money["threshold"], money["naive"])
currency = prices.currency
fig, axes = plt.subplots(layout="constrained")
figures.profit(axes, money, note)
plt.show()

thresholds, gains = profit_curve(*test, prices)
earned = gain(test[0], test[1] >= policy.threshold, prices).mean()
pays = money["break_even_probability"]
display(
    Markdown(
        (f"An offer pays from a probability of {pays:.1%} on. " if pays is not None else "")
        + f"Contacting customers from {policy.threshold:.1%} on means {money['contacted']:.0%} of "
        f"the test customers, and earns {1000 * earned:,.0f} {currency} per 1,000 customers. The "
        f"best threshold in hindsight would have earned {1000 * gains.max():,.0f}."
        if policy.threshold < NEVER
        else "At these prices no threshold earned anything in validation: nobody is contacted."
    )
)

# %%
fig, axes = plt.subplots(layout="constrained")
figures.precision_recall(axes, test, metrics["test"], note)
plt.show()

cells = detail["confusion"]
contacted = cells["true_positive"] + cells["false_positive"]
leavers = cells["true_positive"] + cells["false_negative"]
display(
    Markdown(
        f"At that threshold {contacted:,} test customers are contacted. "
        f"{cells['true_positive']:,} of them were about to leave, "
        f"{cells['false_positive']:,} were not; "
        f"{cells['false_negative']:,} of {leavers:,} leavers are missed."
    )
)

# %%
pd.DataFrame(
    {
        f"against \u201c{name}\u201d": {
            f"per 1,000 customers ({currency})": "{value:,.0f} ({low:,.0f} to {high:,.0f})".format(
                **money["per_1000_customers"][name]
            ),
            f"per year ({currency})": "{value:,.0f} ({low:,.0f} to {high:,.0f})".format(**saving),
        }
        for name, saving in money["per_year"].items()
    }
).T

# %% [markdown]
# ### If the prices are wrong
#
# Each price is moved by itself, and the threshold chosen anew each time.

# %%
fig, axes = plt.subplots(layout="constrained")
figures.sensitivity(axes, money, metrics["business"], note)
plt.show()

ends = [row[key] for row in money["sensitivity"] for key in ("if_lower", "if_higher")]
display(
    Markdown(
        f"With one price {PRICE_SWING:.0%} lower or higher, the saving against the better "
        f"naive rule stays between {min(ends):,.0f} and {max(ends):,.0f} {currency} a year. (Which "
        f"rule is better may change with the prices; at these it is \u201c{policy.naive}\u201d.)"
    )
)

# %% [markdown]
# The same functions answer other questions, for example what dearer offers would do:

# %%
rows = []
for factor in (0.5, 1, 1.5, 2):
    other = moved(prices, "offer_cost", factor)
    choice = business.choose_policy(*validation, other)
    saving = business.yearly_saving(validation, test, other)
    rows.append(
        {
            f"offer cost ({currency})": f"{other.offer_cost:,.2f}",
            "threshold": f"{choice.threshold:.3f}" if choice.threshold < NEVER else "contact nobody",
            "customers contacted": f"{(test[1] >= choice.threshold).mean():.0%}",
            "better naive rule": choice.naive,
            f"saving per year ({currency})": f"{saving:,.0f}",
        }
    )
pd.DataFrame(rows).set_index(f"offer cost ({currency})")

# %% [markdown]
# ## What drives the predictions
#
# SHAP values divide a prediction among the features (in log-odds, before any calibration). Beside
# them stands a second opinion that knows nothing of SHAP: how much worse the ranking gets when a
# feature is shuffled. Both describe the model, not the world: a feature can be strong because it
# goes along with a cause that nobody recorded.

# %%
display(Image(filename=paths.figures / "shap_beeswarm.png", width=750))

importance = pd.DataFrame(explanation["importance"]).set_index("feature")
top = importance.head(3)
lines = [
    f"- {code(feature)} moves the log-odds by {row['mean_abs_shap']:.2f} on average; shuffled, it "
    f"costs {row['permutation']:.3f} ROC-AUC."
    for feature, row in top.iterrows()
]
display(Markdown("\n".join(lines)))

# %% [markdown]
# For one customer the same values add up from the average prediction to the customer's own:

# %%
display(Image(filename=paths.figures / "shap_waterfall.png", width=750))

# %%
display(Image(filename=paths.figures / "permutation.png", width=650))

agree = importance[["mean_abs_shap", "permutation"]].corr(method="spearman").iloc[0, 1]
first = importance["permutation"].idxmax()
same = first == importance.index[0]
display(
    Markdown(
        f"Shuffling puts {code(first)} first, {'as' if same else 'unlike'} SHAP does"
        + (f"; the two rankings have a rank correlation of {agree:.2f}." if agree == agree else ".")
    )
)

# %% [markdown]
# ## One customer
#
# The exported model needs no training library, and neither do its reasons: each is the change in
# log-odds when a feature moves from its typical values to this customer's. Here is the test
# customer at the highest risk.

# %%
predictor = Predictor.load(paths.models)
customers = data.test[info.features].to_dict("records")
customer = customers[int(predictor.predict_proba(customers).argmax())]
predictor.predict([customer])

# %%
answer = predictor.predict([customer])[0]
reasons = predictor.explain([customer])[0][:8]
sizes = [reason["contribution"] for reason in reasons]
fig, axes = plt.subplots(figsize=(7, 1.2 + 0.35 * len(reasons)), layout="constrained")
axes.barh(
    range(len(reasons)),
    sizes,
    color=[charts.ORANGE if size > 0 else charts.BLUE for size in sizes],
)
labels = [f"{eda.short(reason['feature'])} = {eda.written(reason['value'])}" for reason in reasons]
axes.set_yticks(range(len(reasons)), labels)
axes.invert_yaxis()
axes.axvline(0, color="black", lw=1)
axes.set_xlabel("effect on the log-odds of churn (orange: towards leaving)")
axes.set_title(f"Why this customer is at {answer['probability']:.0%}{note}")
plt.show()

agreement = explanation["agreement"]
strongest = reasons[0]["feature"]
display(
    Markdown(
        f"The strongest reason: {code(strongest)} is {code(eda.written(reasons[0]['value']))}. "
        f"Decision: **{answer['decision']}**; expected value of contacting: "
        f"{answer['expected_value']:,.0f} {currency}. Over {explanation['rows']:,} test customers "
        "these reasons and SHAP's have a rank correlation of "
        f"{agreement['rank_correlation']:.2f}, and share {agreement['top_overlap']:.0%} of the "
        "three strongest."
    )
)

# %% [markdown]
# What would the model say of a customer who is the same but for that one feature? It is a
# question to the model, not a promise: nobody has tried what happens when it changes.

# %%
column = data.train[strongest]
usual = float(column.median()) if strongest in info.numeric else column.mode()[0]
changed = predictor.predict([customer | {strongest: usual}])[0]
display(
    Markdown(
        f"With the usual value of {code(strongest)}, {code(eda.written(usual))}, the probability "
        f"would be {changed['probability']:.0%} instead of {answer['probability']:.0%}. (Over all "
        "test customers the exported model differs from the one that was trained by at most "
        f"{detail['export_difference']:.0e}.)"
    )
)

# %% [markdown]
# ## What this does not show
#
# - **Whether offers work.** The share of leavers who accept is a price like any other, not a
#   measurement. To know it, contact a random half of the customers above the threshold and
#   compare.
# - **Whether it lasts.** Training and test customers come from the same time. Next year's may
#   differ.
# - **What causes churn.** The model ranks by what goes along with leaving.

# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 Train a model and read its run
#
# Closed cases in; a saved model, an honest evaluation and an MLflow run out. The cases here are
# synthetic. In a terminal the same is
# `riskmodel train out/notebook/history.parquet --out out/notebook/model`.

# %%
import os
import warnings
from pathlib import Path

import pandas as pd

import riskmodel

while not Path("configs/codebook.yaml").exists():  # run from the notebook's folder or the top
    os.chdir("..")
OUT = Path("out/notebook")
OUT.mkdir(parents=True, exist_ok=True)
warnings.filterwarnings("ignore", message=".*IProgress.*")

# %% [markdown]
# ## Cases
# `riskmodel synthesize --preset history --n-cases 400 --out out/notebook/history.parquet`

# %%
summary = riskmodel.synthesize(
    preset="history",
    codebook_path=Path("configs/codebook.yaml"),
    config_path=Path("configs/synthetic.yaml"),
    out=OUT / "history.parquet",
    n_cases=400,
    seed=1,
    overwrite=True,
)
print(f"{summary.n_assessments} assessments of {summary.n_persons} persons")

# %% [markdown]
# ## Train
# The whole recipe is refitted in every fold, so the figures are of cases that no model had seen.
# `learning_curve` costs many fits; `key_indicators="refit"` would cost eleven cross-validations
# more and say what each of the strongest indicators is worth to a model that never had it.

# %%
run = riskmodel.train(
    [OUT / "history.parquet"],
    codebook_path="configs/codebook.yaml",
    out=OUT / "model",
    policy_path="configs/visitation/lejre-greve.yaml",
    report_path=OUT / "report",
    learning_curve=True,
    overwrite=True,
)
run

# %% [markdown]
# The same table, with everything behind it, starts the report in `out/notebook/report/index.html`.
#
# ## Read the evaluation
# Every figure carries its interval, and an AUC its horizon, landmark and share of long courses:
# the further ahead one looks, the easier the ranking. `base_rate_brier` is what somebody scores
# who knows only the assessed week, and says the share of long courses for that week.

# %%
run.record

# %% [markdown]
# The model against an unrestricted model (the price of transparency), against the simplest rule
# (the citizen's own expected duration and the week), and against the week's share. A difference
# in Brier score above zero speaks for the model.

# %%
pd.DataFrame(
    [
        {
            "compared with": one.other,
            "Brier difference": f"{one.brier.value:+.4f}",
            "95 % interval": f"{one.brier.low:+.4f} to {one.brier.high:+.4f}",
        }
        for one in run.record.comparisons
    ]
)

# %% [markdown]
# ## Are the risks right?
# The curve should follow the diagonal inside its interval.

# %%
from IPython.display import Image

from riskmodel.report.plots import (
    plot_calibration,
    plot_endings,
    plot_importance,
    plot_instability,
    plot_learning_curve,
)

Image(plot_calibration(run.record.calibration, "da"))

# %% [markdown]
# ## How long, and how do courses end?
# The expected duration is the time to the end of the course by whatever road. Open courses count
# as far as they were seen. The 80 % interval should hold 80 % of the courses, with about as many
# ending before it as lasting beyond it.

# %%
figures = ("median_absolute_error", "plain_median_absolute_error")
figures += ("interval_coverage", "ended_before", "lasted_beyond")
pd.DataFrame(
    {
        one.span.level or "all": {name: str(getattr(one, name)) for name in figures}
        for one in (run.record.duration, *run.record.durations)
    }
)

# %%
shown = [one for one in run.record.endings if one.points]
Image(plot_endings(max(shown, key=lambda one: one.span.n_rows), "da"))

# %% [markdown]
# ## Which few indicators carry the prediction?

# %%
labels = {one.name: one.label for one in run.model.codebook.indicators}
Image(plot_importance(run.report.key, labels, "da"))

# %% [markdown]
# How often each is among the five strongest over refits, and what it costs to permute it among
# cases that the refit did not see:

# %%
run.report.key.compute_roles().drop(columns="price_method").head(8).round(4)

# %% [markdown]
# ## How sure is it?
# How far would a risk move if the same recipe met other draws of the same persons?

# %%
Image(plot_instability(run.report.instability, "da"))

# %% [markdown]
# The bootstrap intervals above leave the models as they are. This one does not: each refit,
# fitted on another draw of the persons, is judged by those it did not see.

# %%
spread = run.report.spread
print(f"one refit on unseen persons: AUC {spread.auc}, Brier score {spread.brier}")
print(f"on its own persons a refit looks {spread.auc_optimism:.3f} better in AUC than it is")

# %% [markdown]
# ## What would more closed cases give?
# Measured at smaller sizes, foreseen beyond; the interval is that of the fitted curve.

# %%
Image(plot_learning_curve(run.report.learning, "da"))

# %%
size = run.report.sample_size
print(f"{size.n_persons} persons; Riley's criteria ask for {size.needed}")
pd.Series({f"{n} more": str(one) for n, one in run.report.learning.gain.items()}, name="Brier gain")

# %% [markdown]
# ## The runs in MLflow
# `mlflow ui --backend-store-uri sqlite:///mlruns/mlflow.db`

# %%
from riskmodel.io.tracking import list_runs
from riskmodel.io.tracking_store import find_store

pd.DataFrame(
    [
        {
            "run": one.run_name,
            "status": one.status,
            "AUC": round(one.metrics.get("auc", float("nan")), 3),
            "Brier": round(one.metrics.get("brier", float("nan")), 4),
        }
        for one in list_runs(find_store(), "riskmodel")[:5]
    ]
)

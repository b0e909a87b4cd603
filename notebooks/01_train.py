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
# `riskmodel synthesize --preset history --n-cases 600 --out out/notebook/history.parquet`

# %%
summary = riskmodel.synthesize(
    preset="history",
    codebook_path=Path("configs/codebook.yaml"),
    config_path=Path("configs/synthetic.yaml"),
    out=OUT / "history.parquet",
    n_cases=600,
    seed=1,
)
summary

# %% [markdown]
# ## Train
# The whole recipe is refitted in every fold, so the figures are of cases that no model had seen.

# %%
run = riskmodel.train(
    [OUT / "history.parquet"],
    codebook_path="configs/codebook.yaml",
    out=OUT / "model",
    policy_path="configs/visitation/lejre-greve.yaml",
    overwrite=True,
)
print(run.summary.to_text())

# %% [markdown]
# ## Read the evaluation
# Every figure carries its interval, and an AUC its horizon, landmark and share of long courses:
# the further ahead one looks, the easier the ranking.

# %%
metrics = run.record.compute_metrics()
shown = metrics.query(
    "family in ['all', 'landmark'] and predictor == 'model' and horizon_weeks == 26"
)
shown.pivot_table(
    index=["family", "level", "n_rows", "n_events"], columns="metric", values="value"
)[["auc", "brier", "base_rate_brier", "calibration_slope"]].round(3)

# %% [markdown]
# The model against an unrestricted model (the price of transparency) and against the simplest
# rule, the citizen's own expected duration. A difference in Brier score above zero speaks for
# the model.

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
# Are the risks right? The curve should follow the diagonal inside its interval.

# %%
from IPython.display import Image

from riskmodel.report.plots import plot_calibration, plot_importance

Image(plot_calibration(run.record.calibration, "da"))

# %% [markdown]
# Which indicators move the risk most, over all cases?

# %%
labels = {one.name: one.label for one in run.model.codebook.indicators}
Image(plot_importance(run.report.key, labels, "da"))

# %% [markdown]
# How often each is among the strongest over refits, and what leaving it out would cost:

# %%
run.report.key.compute_roles().head(8).round(4)

# %% [markdown]
# How far would a risk move if the same recipe met other cases?

# %%
from riskmodel.report.plots import plot_instability

Image(plot_instability(run.report.instability, "da"))

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

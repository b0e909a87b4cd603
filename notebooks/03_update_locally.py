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
# # 3 Fit a model to a few local cases
#
# A model trained on pooled history meets two municipalities with a few closed cases. Training anew
# on them would throw away what the history knows; using the model unchanged may be wrong here. The
# closed testing procedure (Vergouwe et al. 2017) decides how far to go: leave it, move its level,
# move and stretch it, or weigh its strongest themes anew.

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
# ## The history, the local cases, and more local cases to judge by
# The preset `local` draws cases of two municipalities with shorter courses than in the history.
# All of it is synthetic.

# %%
codebook = riskmodel.read_codebook(Path("configs/codebook.yaml"))


def read(preset, name, n_cases, seed):
    riskmodel.synthesize(
        preset=preset,
        codebook_path=Path("configs/codebook.yaml"),
        config_path=Path("configs/synthetic.yaml"),
        out=OUT / name,
        n_cases=n_cases,
        seed=seed,
        overwrite=True,
    )
    return riskmodel.read_cases(OUT / name, codebook, require_outcomes=True)


history = read("history", "pooled.parquet", 600, seed=5)
local = {n: read("local", f"local{n}.parquet", n, seed=9) for n in (60, 400)}
later = read("local", "later.parquet", 3000, seed=7)
len(history), len(later)

# %%
model = riskmodel.fit_risk_model(history, riskmodel.TrainingSettings(n_refits=12)).model
model = riskmodel.save_bundle(model, OUT / "pooled_model", overwrite=True)

# %% [markdown]
# ## The update
# `riskmodel.update` is what `riskmodel update MODEL CASES --out FOLDER` runs: it decides, saves the
# model where it was changed, and logs the run with the reason to MLflow.

# %%
runs = {
    n: riskmodel.update(
        OUT / "pooled_model",
        OUT / f"local{n}.parquet",
        out=OUT / f"local_model_{n}",
        tracking_root=OUT,
        overwrite=True,
    )
    for n in local
}
for n, run in runs.items():
    print(f"{n} local cases")
    print(*(f"  {line}" for line in run.summary.reasons), sep="\n")

# %% [markdown]
# The tests behind it: each smaller change against the largest one that the cases allow. The first
# that is not significantly worse is made.

# %%
pd.DataFrame(
    [
        {"cases": n, "step": t.step, "statistic": t.statistic, "df": t.degrees, "p": t.p_value}
        for n, run in runs.items()
        for t in run.summary.tests
    ]
).round(3)

# %% [markdown]
# What MLflow keeps of it; what was left as it is is logged too.

# %%
from riskmodel.io.tracking import list_runs
from riskmodel.io.tracking_store import find_store

logged = list_runs(find_store(OUT))[: len(runs)]
for one in logged:
    print(f"{one.tags['update_step']}: {one.tags['update_reason']}")

# %% [markdown]
# ## Was it right?
# Judged on later local cases that neither model has seen.

# %%
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.evaluation.record import evaluate

rows = {}
models = {"as it was": model, **{f"updated with {n}": run.model for n, run in runs.items()}}
for name, one in models.items():
    figures = evaluate(judge_new_cases(one, later), later, n_bootstrap=100).headline.figures
    rows[name] = {
        metric: str(figures[metric])
        for metric in ("auc", "brier", "calibration_in_the_large", "calibration_slope")
    }
pd.DataFrame(rows).T

# %% [markdown]
# An update moves the level and the spread. It can hardly rank people better, so the AUC
# stays. With few cases the procedure leaves a model alone that is not plainly wrong: that protects
# against chance, and it also means that 60 cases cannot show that a model is right.

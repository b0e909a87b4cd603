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
# A model trained on pooled history meets two municipalities with 60 closed cases. Training anew on
# 60 cases would throw away what the history knows; using the model unchanged may be wrong here. The
# closed testing procedure (Vergouwe et al. 2017) decides how far to go: leave it, move its level,
# move and stretch it, or weigh its themes anew.

# %%
import os
import warnings
from pathlib import Path

import pandas as pd

import riskmodel
from riskmodel.training.updating import update_model

while not Path("configs/codebook.yaml").exists():  # run from the notebook's folder or the top
    os.chdir("..")
OUT = Path("out/notebook")
OUT.mkdir(parents=True, exist_ok=True)
warnings.filterwarnings("ignore", message=".*IProgress.*")

# %% [markdown]
# ## The history, the local cases, and more local cases to judge by
# The preset `review60` draws half of its cases beyond 26 weeks, as a review would; its level is
# therefore not that of the open cases. All of it is synthetic.

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
    )
    return riskmodel.read_cases(OUT / name, codebook, require_outcomes=True)


history = read("history", "pooled.parquet", 600, seed=5)
local = read("review60", "local.parquet", 60, seed=6)
later = read("review60", "later.parquet", 600, seed=7)
len(history), len(local), len(later)

# %%
model = riskmodel.fit_risk_model(history, riskmodel.TrainingSettings(n_refits=12)).model
updated = update_model(model, local)
print(updated.reason)

# %%
pd.DataFrame(
    [
        {"step": one.step, "statistic": one.statistic, "df": one.degrees, "p": one.p_value}
        for one in updated.update.tests
    ]
).round(3)

# %% [markdown]
# ## Was it right?
# Judged on later local cases that neither model has seen.

# %%
from riskmodel.evaluation.new_cases import judge_new_cases
from riskmodel.evaluation.record import evaluate

rows = {}
for name, one in (("as it was", model), ("updated", updated.model)):
    figures = evaluate(judge_new_cases(one, later), later, n_bootstrap=100).headline.figures
    rows[name] = {
        metric: str(figures[metric])
        for metric in ("auc", "brier", "calibration_in_the_large", "calibration_slope")
    }
pd.DataFrame(rows).T

# %% [markdown]
# An update moves the level and the spread. It cannot make a model rank people better, so the AUC
# stays, and it is only as good as the 60 cases: look at the intervals before using it.

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
# # 2 Score open cases and explain one
#
# A saved model, a policy and open cases in; risks, tiers and explanations out. In a terminal:
# `riskmodel score out/notebook/open.csv --model out/notebook/model2 --policy
# configs/visitation/lejre-greve.yaml --out out/notebook/worklist.csv`

# %%
import os
import warnings
from pathlib import Path

import numpy as np

import riskmodel

while not Path("configs/codebook.yaml").exists():  # run from the notebook's folder or the top
    os.chdir("..")
OUT = Path("out/notebook")
OUT.mkdir(parents=True, exist_ok=True)
warnings.filterwarnings("ignore", message=".*IProgress.*")

# %% [markdown]
# ## A model
# Fitted in memory here; `riskmodel.load_bundle(path)` loads a saved one.

# %%
codebook = riskmodel.read_codebook(Path("configs/codebook.yaml"))
for preset, name, n_cases in (("history", "closed.parquet", 500), ("open_cases", "open.csv", 40)):
    riskmodel.synthesize(
        preset=preset,
        codebook_path=Path("configs/codebook.yaml"),
        config_path=Path("configs/synthetic.yaml"),
        out=OUT / name,
        n_cases=n_cases,
        seed=3,
        overwrite=True,
    )
closed = riskmodel.read_cases(OUT / "closed.parquet", codebook, require_outcomes=True)
fitted = riskmodel.fit_risk_model(closed, riskmodel.TrainingSettings(n_refits=12))
model = riskmodel.save_bundle(fitted.model, OUT / "model2", overwrite=True)
model.version

# %% [markdown]
# ## Scores
# One row per assessment in the file; here only how many landed where.

# %%
policy = riskmodel.read_policy(Path("configs/visitation/lejre-greve.yaml"), codebook)
opened = riskmodel.read_cases(OUT / "open.csv", codebook)
scores = riskmodel.score_frame(model, opened, policy, contributions=True)
scores["tier"].value_counts()

# %%
scores[["risk", "risk_low", "risk_high", "expected_weeks"]].describe().round(2)

# %% [markdown]
# ## Contributions are SHAP values
# Exactly, not nearly: the tables are centred on the training cases. The shap package's plots work
# on them.

# %%
from riskmodel.report.shap_values import to_shap_explanation

cases = riskmodel.score_cases(model, opened)
values = to_shap_explanation(cases, lang="da")
gap = values.values.sum(axis=1) + values.base_values - cases.scores.score
float(np.abs(gap).max())

# %%
import matplotlib.pyplot as plt
import shap

shap.plots.bar(values, max_display=10, show=False)
plt.title("Gennemsnitligt bidrag i log-odds, 40 syntetiske sager")
plt.show()

# %% [markdown]
# ## The whole model
# How much each indicator weighs among these cases, and how one of them works above where the
# closed cases lie. The intervals (90 %) come from the spread that a saved model carries, so no
# training is needed; `.table` holds the figures.

# %%
from riskmodel.report.model_pictures import plot_indicator, plot_model_importance

plot_model_importance(cases, "da")

# %%
known = riskmodel.score_cases(model, closed)
plot_indicator(known, "expected_duration_citizen_weeks", "da")

# %%
plot_indicator(known, "function_work", "da")

# %% [markdown]
# Scored cases and one explained case show themselves, without the key of any case.

# %%
cases

# %%
riskmodel.explain_case(cases, 0)

# %% [markdown]
# ## One case, as the caseworker reads it
# Text is not stored in this notebook; print it to read a synthetic case.

# %%
from riskmodel.report.case_text import render_case_text

text = render_case_text(riskmodel.explain_case(cases, 0), None, "da")
print(len(text.splitlines()), "lines")

# %% [markdown]
# Pages for all cases, with a worklist that links them:
# `riskmodel explain out/notebook/open.csv --model out/notebook/model2 --policy
# configs/visitation/lejre-greve.yaml --out out/notebook/pages`

# %%
summary = riskmodel.explain(
    [OUT / "open.csv"],
    model_path=OUT / "model2",
    policy_path=Path("configs/visitation/lejre-greve.yaml"),
    out=OUT / "pages",
    overwrite=True,
)
print(summary.pages, "pages,", summary.index)

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
# # 4 Review closed cases, and put the criteria on paper
#
# Two people read the same 60 closed cases, blind to each other and to the outcome. Here both
# readers are simulated, so that we know how much they should agree. In a terminal the steps are
# `riskmodel review sample`, `form`, `merge`, `report`, and `riskmodel scorecard`.

# %%
import json
import os
import warnings
from pathlib import Path

import pandas as pd

import riskmodel
from riskmodel.domain.anonymity import compute_anonymity, make_ladder, suggest_coarsening
from riskmodel.pipelines.review_example import WEAK_QUESTIONS, run_review_example
from riskmodel.pipelines.scorecard import make_scorecard

while not Path("configs/codebook.yaml").exists():  # run from the notebook's folder or the top
    os.chdir("..")
OUT = Path("out/notebook")
warnings.filterwarnings("ignore", message=".*IProgress.*")

# %% [markdown]
# ## From form to report
# Two forms are made, filled in, merged; a third person settles what differs; the report follows.

# %%
example = run_review_example(OUT / "review")
print(example.merge.to_text())
print(example.report.to_text())

# %% [markdown]
# ## Is the agreement found that was put in?
# The readers agree with a kappa of 0.7 on every question but two, whatever the kind of figure:
# Cohen's kappa, weighted kappa or ICC. With 60 cases each figure is uncertain by about 0.2, so
# a single question can look better or worse than it is. The middle of all of them cannot.

# %%
found = pd.Series(example.report.agreement)
strong = found.drop(list(WEAK_QUESTIONS))
print(f"put in {example.kappa}, found {strong.median():.2f} (median of {len(strong)} questions)")
print(f"half of them from {strong.quantile(0.25):.2f} to {strong.quantile(0.75):.2f}")
print("read less well:")
print(pd.DataFrame({"put in": WEAK_QUESTIONS, "found": found[list(WEAK_QUESTIONS)].round(2)}))

# %% [markdown]
# ## What could people foresee?
# The readers' own estimates, written before they read the outcome, and two simple rules.

# %%
report = json.loads((OUT / "review/report/review-report.json").read_text(encoding="utf-8"))
judges = pd.DataFrame(
    {
        "who": one["name"],
        "AUC": None if one["auc"]["value"] is None else round(one["auc"]["value"], 2),
        "Brier": round(one["brier"]["value"], 3),
    }
    for one in report["judges"]
    if one["packet"] == "intake"
)
print(judges.to_string(index=False))

# %% [markdown]
# ## What 60 cases cannot show

# %%
limits = report["limits"]
print(f"{limits['n']} cases carry {limits['supported_parameters']:.1f} parameters")
for need in limits["needs"]:
    print(f"  {need['n_parameters']:2d} parameters take {need['n']} cases")

# %% [markdown]
# ## Can people be recognised?
# The merged table is pseudonymised, not anonymous: most cases are alone with their combination of
# municipality, age, sex, sector and workplace. The least coarsening that gives everybody four
# others like them loses much of it.

# %%
codebook = riskmodel.read_codebook(Path("configs/codebook.yaml"))
columns = ["municipality", "age_band", "sex", "sector", "workplace_size"]
merged = pd.read_csv(OUT / "review/merged/cases.csv", dtype=str).drop_duplicates("case_id")
figures = compute_anonymity(merged, columns, ["diagnosis_group"])
print(f"k = {figures.k}; {figures.n_alone} of {figures.n} cases are alone")
fields = {one.name: one for one in codebook.fields}
ladders = {
    name: make_ladder(fields.get(name), sorted(merged[name].dropna().unique())) for name in columns
}
coarse = suggest_coarsening(merged, ladders, 5)
for name, names in coarse.recoding.items():
    print(f"  {name}: {', '.join(dict.fromkeys(names.values()))}".replace("*", "leave out"))
print(f"k = {coarse.k} then; {100 * coarse.loss:.0f} % of the information is lost")

# %% [markdown]
# ## Criteria on paper
# A model of other, earlier cases, as a points form on one page: for use when the model cannot be
# reached. It is made, and judged, on cases that the model has not seen.

# %%
for name, n_cases, seed in (("earlier", 600, 4), ("unseen", 400, 5)):
    riskmodel.synthesize(
        preset="history",
        codebook_path=Path("configs/codebook.yaml"),
        config_path=Path("configs/synthetic.yaml"),
        out=OUT / f"{name}.parquet",
        n_cases=n_cases,
        seed=seed,
        overwrite=True,
    )
earlier = riskmodel.read_cases(OUT / "earlier.parquet", codebook, require_outcomes=True)
fitted = riskmodel.fit_risk_model(earlier, riskmodel.TrainingSettings(n_refits=8))
riskmodel.save_bundle(fitted.model, OUT / "model4", overwrite=True)
card = make_scorecard(
    out=OUT / "scorecard",
    model_path=OUT / "model4",
    cases=[OUT / "unseen.parquet"],
    settings_path=Path("configs/scorecard.yaml"),
    policy_path=Path("configs/visitation/lejre-greve.yaml"),
    overwrite=True,
)
print(card.to_text())
print("lines:", ", ".join(card.lines))

# %%
risks = pd.DataFrame(card.sums, columns=["from", "to", "risk"])
print(risks.to_string(index=False))
print("smallest sum at the policy's thresholds:", card.first_sums)

# %% [markdown]
# The page to print is `out/notebook/scorecard/scorecard.da.html`.

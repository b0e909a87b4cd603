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
# # 5 Choose thresholds for a municipality
#
# A policy has two thresholds. Below the lower one a case gets the lightest tier, if the policy's
# other requirements are met too: it decides **which long courses are missed**. From the upper one
# talks are offered: it decides **what the staff must hold**. Here a made-up municipality of Lejre's
# size tries both. All cases are synthetic.

# %%
import os
import warnings
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import riskmodel
from riskmodel.io.yaml_files import read_yaml
from riskmodel.pipelines.threshold_judgement import judge_thresholds
from riskmodel.pipelines.thresholds import check_wishes
from riskmodel.visitation.inflow import parse_inflow

while not Path("configs/codebook.yaml").exists():  # run from the notebook's folder or the top
    os.chdir("..")
OUT = Path("out/notebook")
OUT.mkdir(parents=True, exist_ok=True)
warnings.filterwarnings("ignore", message=".*IProgress.*")

# %% [markdown]
# ## Closed cases: some to train on, others to choose thresholds on
# A model flatters itself on its own training cases, so thresholds are chosen on others.

# %%
codebook = riskmodel.read_codebook(Path("configs/codebook.yaml"))


def read(name, n_cases, seed):
    riskmodel.synthesize(
        preset="history",
        codebook_path=Path("configs/codebook.yaml"),
        config_path=Path("configs/synthetic.yaml"),
        out=OUT / name,
        n_cases=n_cases,
        seed=seed,
        overwrite=True,
    )
    return riskmodel.read_cases(OUT / name, codebook, require_outcomes=True)


training, closed = read("training.parquet", 500, 21), read("closed.parquet", 700, 22)
model = riskmodel.fit_risk_model(training, riskmodel.TrainingSettings(n_refits=8)).model

# %% [markdown]
# ## What a year brings
# `configs/inflow.yaml` says how many cases come, how unevenly, and what a talk takes. Each figure
# is marked by how sure it is; put your own counts in first.

# %%
inflow = parse_inflow(read_yaml(Path("configs/inflow.yaml")), "inflow.yaml").take_sites(("lejre",))
pd.DataFrame(
    [(s.site, s.cases_a_year, s.origin.certainty, s.origin.source.en) for s in inflow.sites],
    columns=["municipality", "cases a year", "certainty", "source"],
)

# %% [markdown]
# ## The test policy with seven talks a week

# %%
policy = riskmodel.read_policy(Path("configs/visitation/lejre-greve.yaml"), codebook)


def judge(policy, **wishes):
    asked = check_wishes(wishes.get("talks"), wishes.get("hours"), wishes.get("miss_rate"))
    return judge_thresholds(model, closed, policy, inflow=inflow, wishes=asked, n_draws=60)


def show(one):
    def percent(estimate):
        return "hidden" if np.isnan(estimate.value) else f"{100 * estimate.value:.0f} in 100"

    return {
        "talks a week": f"{one.talks_a_week.value:.1f}",
        "95% interval": f"{one.talks_a_week.low:.1f} to {one.talks_a_week.high:.1f}",
        "long courses offered talks": percent(one.found_rate),
        "long courses with the lightest tier": percent(one.miss_rate),
    }


report = judge(policy, talks=7.0)
record = report.record
rules = {"the policy": record.proposal, **{one.rule: one for one in record.rules}}
pd.DataFrame({name: show(one) for name, one in rules.items()}).T

# %%
for sentence in report.say_suggestion("en"):
    print(sentence)

# %% [markdown]
# A figure reads "hidden" where fewer than five persons stand behind it. Hardly anybody gets the
# lightest tier here: the test policy's other requirements (a clear diagnosis, a plan, good contact
# with the employer, every fact known) keep people from it, whatever the thresholds.
#
# ## The risk alone
# The same thresholds without those requirements, to see what they cost in talks.

# %%
plain = replace(policy, requirements=(), needed_facts=())
without = judge(plain, talks=7.0, miss_rate=0.05)
for sentence in without.say_suggestion("en"):
    print(sentence)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
for name, one, colour in (
    ("the policy", record, "#1d5670"),
    ("risk alone", without.record, "#a4451d"),
):
    steps = one.by_upper
    cuts = [100 * step.upper for step in steps]
    talks = [step.talks_a_week for step in steps]
    left.plot(cuts, [t.value for t in talks], color=colour)
    left.fill_between(
        cuts, [t.low for t in talks], [t.high for t in talks], color=colour, alpha=0.2
    )
    left.annotate(name, (cuts[-1], talks[-1].value), color=colour, ha="right", va="bottom")
    right.plot(cuts, [100 * step.found_rate.value for step in steps], color=colour)
left.axhline(7, color="black", linewidth=1)
left.annotate("7 talks a week", (cuts[-1], 7), ha="right", va="bottom")
left.set(xlabel="upper threshold (%)", ylabel="talks a week", ylim=(0, None))
_ = right.set(xlabel="upper threshold (%)", ylabel="long courses offered talks (%)", ylim=(0, 100))
# %% [markdown]
# ## The year, week by week
# Seven talks a week on average is not seven talks every week. Talks that cannot be held in their
# week wait in line; a capacity that just equals the mean is never enough.

# %%
chosen = without.record
weeks = [one.week for one in chosen.weeks]
fig, axes = plt.subplots(figsize=(9.5, 2.8), layout="constrained")
axes.fill_between(
    weeks, [w.waiting.low for w in chosen.weeks], [w.waiting.high for w in chosen.weeks], alpha=0.2
)
axes.plot(weeks, [w.waiting.value for w in chosen.weeks])
_ = axes.set(xlabel="week", ylabel="talks waiting", ylim=(0, None))
# %% [markdown]
# ## Does it fall evenly on groups?
# Point figures by fairlearn's `MetricFrame`, intervals from draws of persons. Sex is no indicator;
# it is kept to see this.

# %%
by_sex = next(one for one in without.at_upper if one.field == "sex")
pd.DataFrame(
    [
        {
            "sex": level.level,
            "persons": level.n_persons,
            **{name: str(estimate) for name, estimate in level.figures.items()},
        }
        for level in by_sex.levels
        if not level.hidden
    ]
)

# %% [markdown]
# ## After the start: why a lot is needed
# If contact shortens courses, those who are contacted no longer show what their risk was. Below,
# the model is right and contact halves the odds of a long course. An ordinary evaluation finds a
# model that is wrong and contact that does harm. With two small lots - a tenth of the lightest
# tier contacted all the same, a tenth of all judged without a score - the truth is found.

# %%
from riskmodel.domain.synthetic_feedback import FeedbackSettings, draw_followed_cases
from riskmodel.evaluation.audit_arm import AfterStart, evaluate_by_lot, evaluate_naively
from riskmodel.visitation.audit import draw_audit_arm

N = 4000
lots = replace(
    policy.audit,
    contact=replace(policy.audit.contact, share=0.1),
    without_score=replace(policy.audit.without_score, share=0.1),
)
nobody = np.zeros(N, dtype=bool)
arm = draw_audit_arm([f"made-up {number}" for number in range(N)], replace(policy, audit=lots))
settings = FeedbackSettings(effect=-0.7)
found = {}
for name, drawn, shares, evaluate in (
    ("without lots", (nobody, nobody), (0.0, 0.0), evaluate_naively),
    ("with lots", (arm.contact, arm.without_score), (0.1, 0.1), evaluate_by_lot),
):
    made = draw_followed_cases(settings, *drawn, random_state=7)
    found[name] = evaluate(
        AfterStart(
            made.risk,
            made.long_course,
            made.contacted,
            made.lightest,
            made.drawn_contact,
            made.drawn_without_score,
            *shares,
        )
    )

# %%
truth = {"calibration_in_the_large": 0.0, "calibration_slope": 1.0, "effect": settings.effect}
fig, panels = plt.subplots(1, 3, figsize=(9.5, 2.2), layout="constrained", sharey=True)
for panel, (figure, true) in zip(panels, truth.items(), strict=True):
    panel.axvline(true, color="black", linewidth=1, linestyle=":")
    for place, one in enumerate(found.values()):
        estimate = getattr(one, figure)
        panel.plot([estimate.low, estimate.high], [place, place], color="#9db9c6", linewidth=5)
        panel.plot(estimate.value, place, "o", color="#1d5670")
    panel.set(title=figure.replace("_", " "), ylim=(-0.6, 1.6))
    panel.set_yticks([0, 1], list(found))

# %% [markdown]
# The dotted lines are the truth. The effect is measured among those at low risk, the only ones
# drawn for contact; that it is the same for others is an assumption. And a lot of a tenth of
# nearly nobody is nobody: with the test policy above, too few would be drawn to learn anything.

"""The sentences of rules and policies are held to the wording of the pages they stand on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskmodel.domain.labels import LANGUAGES
from riskmodel.io.config import read_codebook
from riskmodel.io.policy_files import read_policy
from riskmodel.report.readability import (
    LONGEST_SENTENCE,
    find_banned_words,
    split_sentences,
    split_words,
)
from riskmodel.visitation.explain import describe_rule, explain_recommendation

CONFIGS = Path(__file__).parents[2] / "configs"
POLICIES = [CONFIGS / "visitation" / f"{name}.yaml" for name in ("lejre-greve", "vejle")]


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_rules_and_tiers_use_no_banned_word(path, lang):
    policy = read_policy(path, read_codebook(CONFIGS / "codebook.yaml"))
    texts = [describe_rule(policy, rule).text(lang) for rule in policy.rule_ids]
    for tier in policy.tiers:
        texts += [tier.label.text(lang), tier.description.text(lang)]
    assert [word for text in texts for word in find_banned_words(text, lang)] == []


@pytest.mark.parametrize(
    "figures",
    [(0.05, 0.01, 0.1), (0.1, 0.05, 0.405), (0.19961, 0.1, 0.54321), (0.3, 0.1, 0.5),
     (0.41, 0.2, 0.6), (float("nan"),) * 3],
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_about_the_risk_are_short(figures, lang):
    risk, low, high = figures
    policy = read_policy(POLICIES[0], read_codebook(CONFIGS / "codebook.yaml"))
    facts = pd.DataFrame({"employment_status": ["employed"]})
    found = explain_recommendation(
        policy, facts, assessed_week=8.0, risk=risk, risk_low=low, risk_high=high,
        outside_training=True,
    )  # fmt: skip
    texts = [reason.text.text(lang).replace("\N{NO-BREAK SPACE}", " ") for reason in found.reasons]
    for sentence in (one for text in texts for one in split_sentences(text)):
        assert len(split_words(sentence)) <= LONGEST_SENTENCE, sentence

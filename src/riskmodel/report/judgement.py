"""The adviser's own judgement, asked for before the calculation, and the decision after it.

A page has no server: the record is put together in the browser and saved as a file that
`riskmodel.visitation.decision_record.parse_decision_record` reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from riskmodel.domain.labels import Label, Language
from riskmodel.explanation.record import CaseExplanation
from riskmodel.report.html_pages import PagePart, embed_data, render_part
from riskmodel.report.number_format import format_weeks
from riskmodel.report.phrases import one_line, say
from riskmodel.visitation.decision_record import DECISION_FORMAT, DEPARTURE_REASONS, OWN_REASONS
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.recommendation import Recommendation

__all__ = ["render_judgement"]

_ASK_FIRST = "ask_first.js"
_JUDGEMENT = "judgement.js"


def render_judgement(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    policy: Policy | None,
    lang: Language,
    *,
    team: str | None = None,
) -> tuple[PagePart, ...]:
    """Return the parts of a case page that ask for the adviser's judgement and decision.

    Parameters
    ----------
    explanation : CaseExplanation
        The case.
    recommendation : Recommendation or None
        What the policy says.
    policy : Policy or None
        With `own_judgement_first` the page hides the calculation until the own judgement is
        given; its tiers are what can be decided.
    lang : {"da", "en"}
        Language.
    team : str, optional
        Code of the team whose pages these are, written into each record; never a person.
    """
    parts = []
    if policy is not None and policy.own_judgement_first:
        weeks = format_weeks(explanation.horizon_weeks, lang)
        own = {"weeks": weeks, "reasons": _listed(OWN_REASONS, lang)}
        html = render_part("own_judgement.html.j2", lang, own)
        parts.append(PagePart("own_judgement", html, (_ASK_FIRST, _JUDGEMENT)))
    values = {
        "data": embed_data(
            "judgement-data", _data(explanation, recommendation, policy, lang, team)
        ),
        "reasons": _listed(DEPARTURE_REASONS, lang),
        "tiers": []
        if policy is None or recommendation is None
        else [
            (tier.id, one_line(tier.label.text(lang)), tier.id == recommendation.tier)
            for tier in policy.tiers
        ],
    }
    html = render_part("decision.html.j2", lang, values)
    parts.append(PagePart("decision", html, (_JUDGEMENT,)))
    return tuple(parts)


def _listed(reasons: Mapping[str, Label], lang: Language) -> list[tuple[str, str]]:
    return [(code, label.text(lang)) for code, label in reasons.items()]


def _data(
    explanation: CaseExplanation,
    recommendation: Recommendation | None,
    policy: Policy | None,
    lang: Language,
    team: str | None,
) -> dict[str, object]:
    case = re.sub(r"[^A-Za-z0-9_-]+", "-", explanation.case_id)[:80]
    return {
        "file": f"decision_{case}_{explanation.assessed_week:g}.json".replace(",", "-"),
        "record": {
            "format": DECISION_FORMAT,
            "case_id": explanation.case_id,
            "assessed_week": explanation.assessed_week,
            "seen_tier": None if recommendation is None else recommendation.tier,
            "model_version": explanation.model_version,
            "policy_version": "" if policy is None else policy.policy_version,
            "team": team,
        },
        "words": {
            "yes": say("oj_yes", lang),
            "no": say("oj_no", lang),
            "percent": "{n}\N{NO-BREAK SPACE}%" if lang == "da" else "{n}%",
            "saved": say("dec_saved", lang, name="{name}"),
        },
    }

"""Synthetic cases for the report tests: one realistic example, and any number of random ones."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from riskmodel.domain.labels import Label
from riskmodel.evaluation.outcome_bands import OutcomeBand
from riskmodel.explanation.change import AssessmentChange, FactChange
from riskmodel.explanation.record import CaseExplanation, Contribution, CurvePoint
from riskmodel.visitation.recommendation import PlannedContact, Reason, Recommendation

Case = tuple[CaseExplanation, Recommendation]

# field, label, value, points, missing, actionable, ask, points_range
_FACTS = [
    ("expected_citizen", ("Borgerens forventede varighed", "Citizen's expected duration"),
     ("20 uger", "20 weeks"), 9.4, None, None),
    ("expected_gp", ("Lægens forventede varighed", "Doctor's expected duration"),
     None, 1.8, None, (-6.0, 11.0)),
    ("diagnosis_group", ("Diagnosegruppe", "Diagnosis group"),
     ("Stress og tilpasning", "Stress and adjustment"), 2.6, None, None),
    ("gp_picture", ("Sygdomsbillede", "Clinical picture"), ("Klart", "Clear"), -1.7, None, None),
    ("function_work", ("Begrænsning i arbejdet", "Limits at work"),
     ("Moderat", "Moderate"), 2.2, None, None),
    ("function_mental", ("Psykisk begrænsning", "Mental limits"),
     ("Moderat", "Moderate"), 1.2, None, None),
    ("function_bodily", ("Fysisk begrænsning", "Bodily limits"),
     ("Ingen", "None"), -0.8, None, None),
    ("treatment", ("Behandling", "Treatment"),
     ("Venter på behandling", "Waiting for treatment"), 3.1,
     ("Er der sat dato på behandlingen?", "Is there a date for the treatment?"), None),
    ("employer_contact", ("Kontakt til arbejdsgiver", "Contact with the employer"),
     ("God", "Good"), -4.1, ("Hvordan går det med kontakten?", "How is the contact going?"), None),
    ("modified_tasks", ("Tilpassede opgaver", "Modified tasks"),
     ("Ikke tilbudt", "Not offered"), 2.4,
     ("Kan opgaver eller tid tilpasses i en periode?", "Can tasks or hours be modified?"), None),
    ("capability_statement", ("Mulighedserklæring", "Fit-for-work statement"), None, 0.3,
     ("Har arbejdsgiver bedt om en mulighedserklæring?", "Has the employer asked for one?"),
     (-2.0, 1.0)),
    ("expectation", ("Tro på at vende tilbage", "Belief in coming back"),
     ("Tvivlsom", "Doubtful"), 5.2, None, None),
    ("prior_weeks", ("Sygefravær de seneste to år", "Sick leave in the last two years"),
     ("1-4 uger", "1-4 weeks"), -0.6, None, None),
    ("other_conditions", ("Andre helbredsforhold", "Other health conditions"),
     ("Et", "One"), 0.7, None, None),
    ("age_band", ("Alder", "Age"), ("40-49 år", "40-49 years"), 0.2, None, None),
    ("sector", ("Sektor", "Sector"), ("Offentlig", "Public"), 0.0, None, None),
    ("extent", ("Sygemelding", "Sick report"), ("Fuld tid", "Full time"), 1.1, None, None),
    ("strain", ("Forhold i hjemmet", "Strain at home"), None, 0.4, None, (-3.0, 6.0)),
    ("conflict", ("Konflikt på arbejdet", "Conflict at work"), ("Nej", "No"), -1.5, None, None),
]  # fmt: skip


def _fact(row: tuple) -> Contribution:
    field, label, value, points, ask, points_range = row
    words = Label(*(value or ("Ikke oplyst", "Not stated")))
    return Contribution(
        field=field,
        label=Label(*label),
        theme="other",
        value=None if value is None else value[1],
        value_label=words,
        log_odds=points / 20,
        points=points,
        sway=(0.3 * points, 1.0),
        missing=value is None,
        actionable=ask is not None,
        ask=None if ask is None else Label(*ask),
        points_range=points_range,
    )


def _curve(risk: float, assessed: float, horizon: float, end: float) -> tuple[CurvePoint, ...]:
    rate = -math.log(min(max(risk, 1e-6), 1 - 1e-6)) / (horizon - assessed) ** 0.9
    weeks = range(math.ceil(assessed), int(end) + 1)
    chances = [(float(w), math.exp(-rate * (w - assessed) ** 0.9)) for w in weeks]
    return tuple(CurvePoint(w, p, 0.8 * p, 1 - 0.8 * (1 - p)) for w, p in chances)


@pytest.fixture(scope="session")
def example() -> Callable[..., Case]:
    """Return a factory of one realistic, plainly synthetic case."""

    def make(**changes: object) -> Case:
        facts = tuple(_fact(row) for row in _FACTS)
        reference = 0.24
        points = sum(one.points for one in facts) / 100
        score = sum(one.log_odds for one in facts)
        values: dict = {
            "case_id": "SYN-0142", "site": "Eksempelby", "assessed_week": 8.0,
            "horizon_weeks": 26.0, "risk": reference + points, "risk_low": 0.34,
            "risk_high": 0.58, "reference_risk": reference,
            "reference_interval": (0.21, 0.27), "score": score - 1.1,
            "base_value": -1.1, "contributions": facts, "expected_weeks": 23.2,
            "expected_weeks_low": 10.4, "expected_weeks_high": 64.8,
            "curve": _curve(reference + points, 8.0, 26.0, 78.0),
            "outside_training": (), "model_version": "b3f9c1d27a54", "data_kind": "synthetic",
            "n_training_persons": 12400,
        }  # fmt: skip
        values.update(changes)
        return CaseExplanation(**values), make_recommendation()

    return make


def make_recommendation() -> Recommendation:
    """Return a plausible recommendation."""
    return Recommendation(
        tier="early_talk",
        tier_label=Label("Tidlig samtale", "Early conversation"),
        tier_description=Label(
            "Borgeren får en samtale inden uge 8 og derefter en plan.",
            "The person has a conversation before week 8, and a plan after that.",
        ),
        reasons=(
            Reason("risk_upper", Label(
                "Risikoen er 46 %, og den øvre grænse er 45 %.",
                "The risk is 46%, and the upper threshold is 45%.")),
            Reason("missing_gp", Label(
                "Lægens forventede varighed mangler.",
                "The doctor's expected duration is missing.")),
        ),
        missing_facts=("expected_gp", "standby"),
        contacts=(
            PlannedContact(9.0, Label("Første samtale", "First conversation")),
            PlannedContact(12.0, Label("Opfølgning på planen", "Follow-up on the plan")),
            PlannedContact(20.0, Label("Status med arbejdsgiver", "Status with the employer")),
        ),
        lower_threshold=0.2,
        upper_threshold=0.45,
        policy_name="Eksempelby",
        policy_version="2026.1",
    )  # fmt: skip


_PAIRS = st.tuples(st.floats(-12, 12), st.floats(-1, 1))
_RANGES = st.none() | st.tuples(st.floats(-40, 0), st.floats(0, 40))
_SWAYS = st.tuples(st.floats(-6, 6), st.floats(-6, 6))
_ASK = Label("Kan det afklares?", "Can it be cleared up?")


@st.composite
def explanations(draw: st.DrawFn) -> CaseExplanation:
    """Draw a case whose contributions add up exactly to its risk."""
    count = draw(st.integers(0, 12))
    pairs = draw(st.lists(_PAIRS, min_size=count, max_size=count))
    reference = draw(st.floats(0.001, 0.999))
    risk = draw(st.floats(0, 1)) if count else reference
    points = [one for one, _ in pairs]
    if count:
        points[-1] = (risk - reference) * 100 - sum(points[:-1])
    facts = tuple(
        Contribution(
            field=f"field_{row}",
            label=Label(f"Forhold {row}", f"Matter {row}"),
            theme="other",
            value=None if missing else float(row),
            value_label=Label(f"{row} uger", f"{row} weeks"),
            log_odds=pair[1],
            points=point,
            sway=draw(_SWAYS),
            missing=missing,
            actionable=actionable,
            ask=_ASK if asked else None,
            points_range=draw(_RANGES) if missing else None,
            applies=not missing or draw(st.booleans()),
        )
        for row, (pair, point, missing, actionable, asked) in enumerate(
            zip(
                pairs, points, *(draw(st.lists(st.booleans(), min_size=count, max_size=count))
                                 for _ in range(3)),
                strict=True,
            )
        )
    )  # fmt: skip
    assessed = float(draw(st.integers(0, 20)))
    weeks = sorted(draw(st.tuples(*[st.floats(assessed, 90)] * 3)))
    return CaseExplanation(
        case_id="SYN-1",
        site=draw(st.sampled_from(["", "Eksempelby"])),
        assessed_week=assessed,
        horizon_weeks=26.0,
        risk=risk,
        risk_low=risk * draw(st.floats(0, 1)),
        risk_high=min(1.0, max(risk, risk + (1 - risk) * draw(st.floats(0, 1)))),
        reference_risk=reference,
        reference_interval=(0.8 * reference, 1 - 0.8 * (1 - reference)),
        score=sum(one.log_odds for one in facts),
        base_value=0.0,
        contributions=facts,
        expected_weeks=weeks[1],
        expected_weeks_low=weeks[0],
        expected_weeks_high=weeks[2],
        curve=_curve(risk, assessed, 26.0, 78.0),
        outside_training=tuple(one.field for one in facts[:1] if draw(st.booleans())),
        model_version="b3f9c1d27a54",
        data_kind=draw(st.sampled_from(["synthetic", "public", "case_records"])),
        n_training_persons=draw(st.integers(1, 10**6)),
        hidden_range=draw(st.none() | st.just((risk * 0.7, 1 - (1 - risk) * 0.7))),
        similar=draw(st.none() | _bands(risk)),
        doubts=draw(
            st.sampled_from(
                [(), ("few_cases",), ("held_out",), ("few_cases", "held_out"), ("not_judged",)]
            )
        ),
    )


@st.composite
def _bands(draw: st.DrawFn, risk: float) -> OutcomeBand:
    low, high = draw(st.floats(0, risk)), draw(st.floats(risk, 1))
    low, high = math.floor(low * 100) / 100, math.ceil(high * 100) / 100
    if low == high:
        low, high = 0.0, 1.0
    if (low, high) == (0.0, 1.0):
        low, high = (0.0, 0.5) if risk < 0.5 else (0.5, 1.0)
    persons = draw(st.integers(20, 3000))
    assessments = persons + draw(st.integers(0, 3000))
    few = draw(st.sampled_from(["", "long", "short"]))
    counted = None if few else draw(st.integers(0, assessments))
    return OutcomeBand(low, high, persons, assessments, counted, few)


@st.composite
def changes(draw: st.DrawFn) -> AssessmentChange:
    """Draw a change whose parts add up exactly."""
    before, after = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    earlier = float(draw(st.integers(0, 12)))
    moves = draw(st.lists(st.tuples(st.floats(-30, 30), st.booleans()), max_size=11))
    facts = tuple(
        FactChange(
            field=f"field_{row}",
            label=Label(f"Forhold {row}", f"Matter {row}"),
            before=1.0,
            after=2.0 if changed else 1.0,
            before_label=Label("1 uge", "1 week"),
            after_label=Label("2 uger", "2 weeks"),
            points=points,
            sway=draw(_SWAYS),
        )
        for row, (points, changed) in enumerate(sorted(moves, key=lambda move: -abs(move[0])))
    )
    return AssessmentChange(
        case_id="SYN-1",
        earlier_week=earlier,
        later_week=earlier + draw(st.integers(1, 8)),
        earlier_risk=before,
        later_risk=after,
        earlier_interval=(before * 0.8, 1 - (1 - before) * 0.8),
        later_interval=(after * 0.8, 1 - (1 - after) * 0.8),
        time_points=100 * (after - before) - sum(points for points, _ in moves),
        facts=facts,
        horizon_weeks=26.0,
        time_sway=draw(_SWAYS),
        sway=draw(_SWAYS),
    )


st.register_type_strategy(AssessmentChange, changes())
st.register_type_strategy(CaseExplanation, explanations())
st.register_type_strategy(Recommendation, st.builds(make_recommendation))

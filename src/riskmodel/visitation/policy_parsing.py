"""Builds a policy from the mapping in its file, with every fault collected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar, get_args

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.domain.labels import Label
from riskmodel.domain.mapping_reader import FaultList
from riskmodel.errors import CodebookError
from riskmodel.visitation.condition_parsing import parse_condition, read_fact
from riskmodel.visitation.follow_up_parsing import (
    read_audit,
    read_first_absence_day,
    read_reassessment,
)
from riskmodel.visitation.policy import (
    OwnTrack,
    Policy,
    Requirement,
    RequirementKind,
    WorklistKey,
)
from riskmodel.visitation.policy_reader import PolicyReader
from riskmodel.visitation.recommendation import ContactTo
from riskmodel.visitation.regimes import Regime
from riskmodel.visitation.thresholds import Threshold, ThresholdStatus
from riskmodel.visitation.tiers import FixedContact, Ladder, RepeatedContact, Tier

__all__ = ["digest_content", "parse_policy"]

T = TypeVar("T")
_MAX_WEEKS = 1040.0


def parse_policy(
    mapping: object, source: str, codebook: Codebook, regimes: Sequence[Regime] = ()
) -> Policy:
    """Build a policy and check it against a codebook.

    Parameters
    ----------
    mapping : mapping
        Content of a policy file; ``docs/visitation.md`` lists the keys.
    source : str
        Name of the file, for messages.
    codebook : Codebook
        Fields and levels that conditions may name.
    regimes : sequence of Regime
        Periods of the law that ``rule_regime`` may name.

    Returns
    -------
    Policy

    Raises
    ------
    CodebookError
        With every fault found: file, key path, rule and remedy.
    """
    faults = FaultList(source)
    reader = PolicyReader(mapping, "", faults)
    tiers = _keep([_read_tier(one) for one in reader.list_readers("tiers")])
    ladder = _read_ladder(reader.child("ladder"))
    lower, upper = _read_thresholds(reader.child("thresholds"))
    between = ladder.between if ladder is not None else ""
    gate_text, gate = _read_requirements(reader, "gate", between, codebook)
    plain_text, tests = _read_requirements(reader, "uncomplicated", between, codebook)
    tracks = [_read_own_track(one, codebook) for one in reader.list_readers("exceptions")]
    needed = _read_needed_facts(reader, codebook)
    head = _Head(reader, codebook, regimes)
    reader.finish()
    _tell_unless_periods_only(faults, lacks_regimes=head.lacks_regimes)
    if ladder is None or lower is None or upper is None or head.valid_from is None:
        msg = "A policy without faults has a ladder, thresholds and a first day."
        raise AssertionError(msg)
    build = partial(
        Policy,
        name=head.name,
        version=head.version,
        digest=digest_content(mapping),
        title=head.title,
        valid_from=head.valid_from,
        valid_to=head.valid_to,
        approved_by=head.approved_by,
        basis=head.basis,
        regime=head.regime,
        regimes=head.regimes,
        horizon_weeks=head.horizon_weeks,
        talks_a_week=head.talks_a_week,
        own_judgement_first=head.own_judgement_first,
        lower=lower,
        upper=upper,
        tiers=tiers,
        ladder=ladder,
        own_tracks=_keep(tracks),
        requirements=(*gate, *tests),
        needed_facts=needed,
        gate_text=gate_text,
        uncomplicated_text=plain_text,
        worklist_tiers=head.worklist_tiers,
        worklist_keys=head.worklist_keys,
        first_absence_day=head.first_absence_day,
        reassessment=head.reassessment,
        audit=head.audit,
        week_name=codebook.assessed_week_field.name,
        source=source,
    )
    return _build_or_tell(build, faults)


def _tell_unless_periods_only(faults: FaultList, *, lacks_regimes: bool) -> None:
    """Tell faults; where only the periods of the law are missing, others may still be found."""
    if not lacks_regimes or len(faults.faults) > 1:
        faults.raise_if_any()


def _build_or_tell(build: Callable[[], Policy], faults: FaultList) -> Policy:
    """Build the policy; what the reader and the policy itself find wrong is told together."""
    try:
        policy = build()
    except CodebookError as error:
        raise CodebookError([*faults.faults, *error.faults]) from None
    faults.raise_if_any()
    return policy


def digest_content(mapping: object) -> str:
    """Return eight hexadecimal digits that change with the content, not with its layout.

    Examples
    --------
    >>> digest_content({"a": 1, "b": 2}) == digest_content({"b": 2, "a": 1})
    True
    """
    text = json.dumps(mapping, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class _Head:
    """What identifies and dates a policy, and how cases are listed and followed up."""

    def __init__(self, reader: PolicyReader, codebook: Codebook, regimes: Sequence[Regime]) -> None:
        self.name = reader.text("name")
        self.version = reader.text("version")
        self.title = reader.label("title")
        reader.value("valid_from")
        self.valid_from = reader.optional_date("valid_from")
        self.valid_to = reader.optional_date("valid_to")
        self.approved_by = reader.optional_text("approved_by")
        self.basis = reader.optional_label("basis")
        self.talks_a_week = _read_capacity(reader)
        asked_first = "own_judgement_first"
        self.own_judgement_first = reader.has(asked_first) and reader.flag(asked_first)
        self.horizon_weeks = reader.optional_number("horizon_weeks", 0, _MAX_WEEKS)
        if self.horizon_weeks is not None and self.horizon_weeks not in codebook.horizons:
            reader.faults.add(
                "horizon_weeks",
                f"{self.horizon_weeks:g} is no horizon of codebook {codebook.name}.",
                f"Use one of {', '.join(f'{week:g}' for week in codebook.horizons)}.",
            )
        self.worklist_tiers, self.worklist_keys = _read_worklist(reader)
        self.first_absence_day = read_first_absence_day(reader, codebook)
        self.reassessment, self.audit = read_reassessment(reader), read_audit(reader)
        self.lacks_regimes = False
        self.regime: Regime | None = None
        self.regimes: tuple[Regime, ...] = ()
        if reader.has("rule_regime"):
            self._read_regime(reader, regimes)

    def _read_regime(self, reader: PolicyReader, regimes: Sequence[Regime]) -> None:
        if not regimes:
            self.lacks_regimes = True
            remedy = "Put regimes.yaml beside the policy, or remove the key."
            problem = "has no value to choose from, as no periods of the law were read."
            reader.faults.add(reader.locate("rule_regime"), problem, remedy)
            return
        name = reader.choice("rule_regime", [one.id for one in regimes])
        self.regime = next((one for one in regimes if one.id == name), None)
        if self.regime is not None:
            self.regimes = tuple(regimes)


def _read_capacity(reader: PolicyReader) -> float | None:
    if not reader.has("capacity"):
        return None
    capacity = reader.child("capacity")
    talks = capacity.optional_number("talks_a_week", 0, 1e6)
    capacity.finish()
    return talks


def _read_thresholds(reader: PolicyReader) -> tuple[Threshold | None, Threshold | None]:
    found = _read_threshold(reader.child("lower")), _read_threshold(reader.child("upper"))
    reader.finish()
    return found


def _read_threshold(reader: PolicyReader) -> Threshold | None:
    value = reader.number("value")
    status = reader.choice("status", get_args(ThresholdStatus))
    basis = reader.optional_label("basis")
    reader.finish()
    decided: ThresholdStatus = "decided" if status == "decided" else "proposal"
    return reader.build(lambda: Threshold(value, decided, basis))


def _read_ladder(reader: PolicyReader) -> Ladder | None:
    rungs = [reader.text(key) for key in ("below_lower", "between", "from_upper")]
    reader.finish()
    return reader.build(lambda: Ladder(*rungs))


def _read_tier(reader: PolicyReader) -> Tier | None:
    name, label, description = reader.text("id"), reader.label("label"), reader.label("description")
    contacts = [_read_contact(one) for one in reader.list_readers("contacts")]
    reader.finish()
    return reader.build(lambda: Tier(name, label, description, _keep(contacts)))


def _read_contact(reader: PolicyReader) -> FixedContact | RepeatedContact | None:
    label = reader.label("label")
    if not reader.has("every_weeks"):
        week = reader.number("week", 0, _MAX_WEEKS)
        if_late = reader.optional_label("if_late")
        named = reader.choice("to", get_args(ContactTo)) if reader.has("to") else ""
        to: ContactTo = "employer" if named == "employer" else "citizen"
        reader.finish()
        return reader.build(lambda: FixedContact(week, label, if_late, to))
    weeks = [
        reader.check_number("every_weeks", week, 0, _MAX_WEEKS)
        for week in reader.list_values("every_weeks")
    ]
    after_week = reader.number("after_week", 0, _MAX_WEEKS)
    if len(weeks) != 2:
        reader.faults.add(
            reader.locate("every_weeks"), "must be two numbers.", "Write [shortest, longest]."
        )
    reader.finish()
    return reader.build(lambda: RepeatedContact((weeks[0], weeks[1]), after_week, label))


def _read_requirements(
    reader: PolicyReader, kind: RequirementKind, between: str, codebook: Codebook
) -> tuple[Label | None, tuple[Requirement, ...]]:
    if not reader.has(kind):
        return None, ()
    group = reader.child(kind)
    text = group.optional_label("text")
    rules = [_read_requirement(one, kind, between, codebook) for one in group.list_readers("rules")]
    group.finish()
    return text, _keep(rules)


def _read_requirement(
    reader: PolicyReader, kind: RequirementKind, between: str, codebook: Codebook
) -> Requirement | None:
    name, text, not_met = reader.text("id"), reader.label("text"), reader.label("not_met")
    condition = parse_condition(reader.child("requires"), codebook)
    at_least = reader.optional_text("at_least") or between
    reader.finish()
    if condition is None:
        return None
    return reader.build(lambda: Requirement(name, kind, condition, text, not_met, at_least))


def _read_own_track(reader: PolicyReader, codebook: Codebook) -> OwnTrack | None:
    name, text, tier = reader.text("id"), reader.label("text"), reader.text("tier")
    condition = parse_condition(reader.child("when"), codebook)
    reader.finish()
    if condition is None:
        return None
    return reader.build(lambda: OwnTrack(name, condition, text, tier))


def _read_needed_facts(reader: PolicyReader, codebook: Codebook) -> tuple[Field, ...]:
    fields = [
        read_fact(name, f"needed_facts[{position}]", reader, codebook)
        for position, name in enumerate(reader.list_values("needed_facts"))
    ]
    return _keep(fields)


def _read_worklist(
    reader: PolicyReader,
) -> tuple[tuple[str, ...], tuple[WorklistKey, ...]]:
    if not reader.has("worklist"):
        return (), ("risk_falling",)
    worklist = reader.child("worklist")
    tiers = tuple(str(one) for one in worklist.list_values("tiers"))
    named = worklist.list_values("then")
    known: tuple[WorklistKey, ...] = get_args(WorklistKey)
    for one in named:
        if one not in known:
            worklist.faults.add(
                "worklist.then", f"knows no order {one!r}.", f"Use one of {', '.join(known)}."
            )
    worklist.finish()
    return tiers, tuple(key for one in named for key in known if key == one)


def _keep(found: Sequence[T | None]) -> tuple[T, ...]:
    return tuple(one for one in found if one is not None)

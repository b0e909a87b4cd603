"""Reads what a policy says about follow-up: dates, assessments to come, and the audit arm."""

from __future__ import annotations

from riskmodel.domain.codebook import Codebook, Field
from riskmodel.visitation.audit import LARGEST_SHARE, AuditLot, AuditRules
from riskmodel.visitation.condition_parsing import read_fact
from riskmodel.visitation.policy_reader import PolicyReader
from riskmodel.visitation.schedule import Reassessment

__all__ = ["read_audit", "read_first_absence_day", "read_reassessment"]

_MAX_WEEKS = 1040.0


def read_first_absence_day(reader: PolicyReader, codebook: Codebook) -> Field | None:
    """Return the date field that weeks count from, or None where the policy names none."""
    key = "first_absence_day"
    if not reader.has(key):
        return None
    field = read_fact(reader.value(key), reader.locate(key), reader, codebook)
    if field is not None and field.type != "date":
        reader.faults.add(
            reader.locate(key), f"{field.name} is no date.", "Name the field of the first day."
        )
        return None
    return field


def read_reassessment(reader: PolicyReader) -> Reassessment | None:
    """Return the weeks of the assessments to come, or None where the policy names none."""
    if not reader.has("assessments"):
        return None
    plan = reader.child("assessments")
    weeks = tuple(
        plan.check_number("weeks", week, 0, _MAX_WEEKS) for week in plan.list_values("weeks")
    )
    basis = plan.optional_label("basis")
    plan.finish()
    return plan.build(lambda: Reassessment(weeks, basis))


def read_audit(reader: PolicyReader) -> AuditRules | None:
    """Return the rules of the audit arm, or None where the policy names none."""
    if not reader.has("audit"):
        return None
    audit = reader.child("audit")
    salt, basis = audit.text("salt"), audit.optional_label("basis")
    contact_reader = audit.child("contact")
    tier = contact_reader.text("tier")
    contact = _read_lot(contact_reader)
    without_score = _read_lot(audit.child("without_score"))
    audit.finish()
    if contact is None or without_score is None:
        return None
    return audit.build(
        lambda: AuditRules(
            salt=salt,
            contact=contact,
            contact_tier=tier,
            without_score=without_score,
            basis=basis,
        )
    )


def _read_lot(reader: PolicyReader) -> AuditLot | None:
    share, text = reader.number("share", 0, LARGEST_SHARE), reader.label("text")
    reader.finish()
    return reader.build(lambda: AuditLot(share, text))

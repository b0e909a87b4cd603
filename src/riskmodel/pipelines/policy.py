"""Reading a policy aloud, and checking it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from riskmodel.domain.labels import Language
from riskmodel.io.config import read_codebook
from riskmodel.io.policy_files import read_policy
from riskmodel.visitation.policy import Policy
from riskmodel.visitation.policy_check import PolicyFinding, check_policy
from riskmodel.visitation.policy_notes import find_policy_notes
from riskmodel.visitation.policy_text import describe_policy

__all__ = ["PolicyReport", "check_policy_file", "show_policy"]

_TRIED = 20_000


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """What a check of a policy found.

    Parameters
    ----------
    policy_version : str
        Name, version and digest.
    n_tried : int
        Made-up cases that were tried, each at every turning point of the risk.
    findings : tuple of PolicyFinding
        Errors, warnings and notes.
    """

    policy_version: str
    n_tried: int
    findings: tuple[PolicyFinding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a promise is broken."""
        return any(one.severity == "error" for one in self.findings)

    def to_text(self) -> str:
        """Return the report in words."""
        head = f"{self.policy_version}: {self.n_tried:,} made-up cases tried at every turning point"
        verdict = (
            "A promise is broken."
            if self.has_errors
            else "Each gets exactly one tier and a reason; lots apart, a higher risk never gets a "
            "lighter tier."
        )
        lines = [f"{one.severity}: {one.key}: {one.problem} {one.remedy}" for one in self.findings]
        return "\n".join([f"{head}.", verdict, *lines])

    def to_json(self) -> str:
        """Return the report as JSON."""
        findings = [asdict(one) for one in self.findings]
        content = {
            "policy_version": self.policy_version,
            "n_tried": self.n_tried,
            "passed": not self.has_errors,
            "findings": findings,
        }
        return json.dumps(content, ensure_ascii=False)


def check_policy_file(path: Path, codebook_path: Path, *, seed: int = 0) -> PolicyReport:
    """Read a policy and try it on made-up cases.

    Parameters
    ----------
    path, codebook_path : Path
        Policy and codebook.
    seed : int
        Seed of the made-up cases.

    Raises
    ------
    CodebookError
        If the policy breaks a rule of its form.
    """
    policy = read_policy(path, read_codebook(codebook_path))
    findings = check_policy(policy, n_cases=_TRIED, random_state=seed)
    return PolicyReport(policy.policy_version, _TRIED, (*findings, *find_policy_notes(policy)))


def show_policy(path: Path, codebook_path: Path, lang: Language, *, as_json: bool) -> str:
    """Return a policy as sentences, or as JSON with its figures beside them.

    Parameters
    ----------
    path, codebook_path : Path
        Policy and codebook.
    lang : {"da", "en"}
        Language of the sentences.
    as_json : bool
        Return JSON.
    """
    policy = read_policy(path, read_codebook(codebook_path))
    text = describe_policy(policy, lang)
    return json.dumps(_list_content(policy, text, lang), ensure_ascii=False) if as_json else text


def _list_content(policy: Policy, text: str, lang: Language) -> dict[str, object]:
    audit = policy.audit
    return {
        "policy_version": policy.policy_version,
        "title": policy.title.text(lang),
        "valid_from": policy.valid_from.isoformat(),
        "valid_to": None if policy.valid_to is None else policy.valid_to.isoformat(),
        "approved_by": policy.approved_by,
        "rule_regime": None if policy.regime is None else policy.regime.id,
        "later_regimes": [one.id for one in policy.later_regimes],
        "horizon_weeks": policy.horizon_weeks,
        "thresholds": {
            name: {"value": one.value, "status": one.status}
            for name, one in (("lower", policy.lower), ("upper", policy.upper))
        },
        "tiers": {one.id: one.label.text(lang) for one in policy.tiers},
        "ladder": list(policy.ladder.rungs),
        "exceptions": {one.id: one.tier for one in policy.own_tracks},
        "requirements": {one.id: one.text.text(lang) for one in policy.requirements},
        "facts_asked": [one.name for one in policy.facts_asked],
        "assessments": None if policy.reassessment is None else list(policy.reassessment.weeks),
        "audit_shares": None
        if audit is None
        else {"contact": audit.contact.share, "without_score": audit.without_score.share},
        "worklist": {"tiers": list(policy.worklist_tiers), "then": list(policy.worklist_keys)},
        "text": text,
    }

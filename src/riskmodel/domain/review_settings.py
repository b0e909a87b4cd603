"""Settings of a review of closed cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from riskmodel.domain.codebook import Codebook
from riskmodel.domain.mapping_reader import FaultList, MappingReader
from riskmodel.domain.scorecard import PointItem, parse_point_items

__all__ = ["ReviewSettings", "parse_review_settings"]


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """How a review is laid out and judged.

    Parameters
    ----------
    intake_week, later_week : float
        Weeks of the assessments that packets 1 and 2 stand for, default=5 and default=12.
    leave_out : tuple of str
        Codebook fields that reviewers are not asked.
    usable_kappa, reword_kappa : float
        Agreement from which a field is usable, and from which rewording may save it.
    min_cell : int
        Groups with fewer cases show no figures, default=5.
    bootstrap_draws : int
        Draws behind every bootstrap interval, default=1000.
    foreseen_auc : float
        What a model of this kind may reach; sample sizes are reckoned for it.
    quasi_identifiers : tuple of str
        Columns by which somebody could be recognised.
    sensitive : tuple of str
        Columns that nobody should learn of a recognised person.
    k : int
        Fewest cases that must share every combination of quasi-identifiers.
    l : int
        Fewest different values of a sensitive column in such a group.
    t : float
        Largest distance between a group's values and everybody's.
    anonymous_by_decision : str
        Name of the decision by which the merged table may be called anonymous; empty where
        there is none, and then it is called pseudonymised.
    fixed_score : tuple of PointItem
        Points given in advance, not fitted to the cases.
    """

    intake_week: float = 5.0
    later_week: float = 12.0
    leave_out: tuple[str, ...] = ()
    usable_kappa: float = 0.6
    reword_kappa: float = 0.4
    min_cell: int = 5
    bootstrap_draws: int = 1000
    foreseen_auc: float = 0.7
    quasi_identifiers: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    k: int = 5
    l: int = 2  # noqa: E741 (l-diversity is called so)
    t: float = 0.3
    anonymous_by_decision: str = ""
    fixed_score: tuple[PointItem, ...] = ()

    def __post_init__(self) -> None:
        rules = (
            ("intake_week", 0 <= self.intake_week < self.later_week, "below later_week"),
            ("reword_kappa", 0 <= self.reword_kappa <= self.usable_kappa, "up to usable_kappa"),
            ("usable_kappa", self.usable_kappa <= 1, "at most 1"),
            ("min_cell", 3 <= self.min_cell <= 20, "from 3 to 20"),
            ("bootstrap_draws", self.bootstrap_draws >= 50, "at least 50"),
            ("foreseen_auc", 0.5 < self.foreseen_auc < 1, "between 0.5 and 1"),
            ("k", self.k >= 2, "at least 2"),
            ("l", self.l >= 1, "at least 1"),
            ("t", 0 < self.t <= 1, "above 0 and at most 1"),
        )
        for name, holds, rule in rules:
            if not holds:
                msg = f"{name} must be {rule}, got {getattr(self, name):g}."
                raise ValueError(msg)


def parse_review_settings(
    mapping: Mapping[str, object], codebook: Codebook, source: str
) -> ReviewSettings:
    """Read the settings from the mapping in a YAML file; keys left out keep their defaults.

    Raises
    ------
    CodebookError
        With every fault found.

    Examples
    --------
    >>> from riskmodel.domain.labels import Label
    >>> from riskmodel.domain.codebook import Field
    >>> book = Codebook("tiny", "1", "synthetic", "case_id", (Field(
    ...     "age", Label("Alder", "Age"), "number", "intake", range=(16, 70)),))
    >>> parse_review_settings({"k": 3, "later_week": 8}, book, "review.yaml").later_week
    8.0
    """
    faults = FaultList(source)
    keys = tuple(one.name for one in fields(ReviewSettings))
    head = MappingReader(mapping, "", faults, keys)
    given: dict[str, object] = {}
    for one in fields(ReviewSettings):
        if not head.has(one.name) or one.name == "fixed_score":
            continue
        if isinstance(one.default, str):
            given[one.name] = head.text(one.name)
        elif isinstance(one.default, tuple):
            given[one.name] = head.texts(one.name, f"Write {one.name}: [name, name].")
        else:
            given[one.name] = _read_number(head, one.name, whole=isinstance(one.default, int))
    listed = head.items("fixed_score", "List the lines of the score.")
    items = parse_point_items(listed, codebook, faults, "fixed_score")
    _check_columns(head, codebook)
    settings = None
    try:
        kept = {name: value for name, value in given.items() if value is not None}
        settings = ReviewSettings(**kept, fixed_score=items)  # type: ignore[arg-type]
    except ValueError as error:
        faults.add("", str(error), "Correct the setting.")
    faults.raise_if_any()
    if settings is None:  # pragma: no cover (None only with a fault noted)
        msg = "settings without faults were not built"
        raise AssertionError(msg)
    return settings


def _read_number(head: MappingReader, name: str, *, whole: bool) -> float | int | None:
    number = head.number(name)
    if number is None or not whole:
        return number
    if not number.is_integer():
        head.note(name, f"{name} must be a whole number.", "Write it without decimals.")
        return None
    return int(number)


def _check_columns(head: MappingReader, codebook: Codebook) -> None:
    known = {one.name for one in codebook.fields} | {codebook.site or ""}
    for key in ("quasi_identifiers", "sensitive", "leave_out"):
        for name in head.texts(key, f"Write {key}: [name, name]."):
            if name not in known:
                head.note(key, f"{name} is no field of the codebook.", "Correct the name.")

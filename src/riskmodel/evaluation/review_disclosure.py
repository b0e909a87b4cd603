"""Counts of few cases hidden across all tables of a review, since readers have all of them.

The same cases are counted by answer, by kind of answer, by the groups set against the outcome,
by site and in pairs of reviewers. A count hidden in one table must not follow from another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from riskmodel.domain.review_cells import choose_hidden_counts
from riskmodel.evaluation.review_agreement import NOTHING, Agreement
from riskmodel.evaluation.review_fields import Association, FieldUse, LevelShare, SiteContrast

__all__ = ["ReviewCounts", "hide_counts"]

ANSWERED = "value"
KINDS = ("not_stated", "not_applicable", "unanswered", "open")


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """The tables of a review that count cases question by question.

    Attributes
    ----------
    fields : tuple of FieldUse
    associations : tuple of Association
    agreement : tuple of Agreement
    contrasts : tuple of SiteContrast
    """

    fields: tuple[FieldUse, ...]
    associations: tuple[Association, ...]
    agreement: tuple[Agreement, ...]
    contrasts: tuple[SiteContrast, ...]


def hide_counts(counts: ReviewCounts, sites: Mapping[str, int], *, min_cell: int) -> ReviewCounts:
    """Hide counts under a limit, and those from which they would follow.

    Parameters
    ----------
    counts : ReviewCounts
        With all counts but those that `compute_associations` has hidden.
    sites : mapping of str to int
        Cases by site.
    min_cell : int
        Smallest count that is shown.

    Notes
    -----
    Where the outcome of some cases is not known, the groups set against the outcome are taken
    to hold these cases too.
    """
    by_field = {one.field: one for one in counts.associations}
    fields, associations = [], dict(by_field)
    few_missing = set()
    for one in counts.fields:
        against = by_field.get(one.field) if one.packet == "intake" else None
        shown, changed = _hide_answers(one, against, min_cell)
        fields.append(shown)
        if changed is not None:
            associations[one.field] = changed
        if one.packet == "intake" and shown.n_value is None:
            few_missing.add(one.field)
    return ReviewCounts(
        fields=tuple(fields),
        associations=tuple(associations.values()),
        agreement=_hide_pairs(counts.agreement, min_cell),
        contrasts=_hide_contrasts(counts.contrasts, sites, few_missing, min_cell),
    )


def _hide_answers(
    one: FieldUse, against: Association | None, min_cell: int
) -> tuple[FieldUse, Association | None]:
    levels = () if against is None else against.levels
    counts = {kind: _given(getattr(one, f"n_{kind}")) for kind in KINDS}
    counts |= _count_values(one, levels)
    values = [name for name in counts if name not in KINDS]
    groups: dict[str, tuple[str, ...]] = {ANSWERED: tuple(values)}
    unseen = ["part rest"]
    for place, part in enumerate(levels if one.levels else ()):
        groups[f"group {place}"] = tuple(f"level {value}" for value in part.values)
        unseen += [f"group {place}"] if part.n is None else []
    hidden = choose_hidden_counts(counts, groups, min_cell=min_cell, hidden=unseen)

    def show(name: str, count: int | None) -> int | None:
        return None if name in hidden else count

    shown = replace(
        one,
        n_value=show(ANSWERED, one.n_value),
        n_not_stated=show("not_stated", one.n_not_stated),
        n_not_applicable=show("not_applicable", one.n_not_applicable),
        n_unanswered=show("unanswered", one.n_unanswered),
        n_open=show("open", one.n_open),
        levels={value: show(f"level {value}", n) for value, n in one.levels.items()},
    )
    if against is None:
        return shown, None
    name = "group" if one.levels else "part"
    parts = tuple(
        LevelShare(part.values, None, None, NOTHING) if f"{name} {place}" in hidden else part
        for place, part in enumerate(levels)
    )
    few = shown.n_value is None or 0 < _given(against.n) < min_cell
    n, n_long = (None, None) if few else (against.n, against.n_long)
    return shown, replace(against, n=n, n_long=n_long, levels=parts)


def _given(count: int | None) -> int:
    return 0 if count is None else count


def _count_values(one: FieldUse, levels: tuple[LevelShare, ...]) -> dict[str, int]:
    """Cases with a value by level, or by the ranges of numbers that are shown."""
    if one.levels:
        return {f"level {value}": _given(n) for value, n in one.levels.items()}
    counts = {f"part {place}": _given(part.n) for place, part in enumerate(levels)}
    counts["part rest"] = _given(one.n_value) - sum(counts.values())
    return counts


def _hide_pairs(agreement: tuple[Agreement, ...], min_cell: int) -> tuple[Agreement, ...]:
    """Hide how many pairs there are where few lack; of sites all, since they add up."""
    near = {
        (one.packet, one.field)
        for one in agreement
        if one.site and _is_near(one.n, one.n_asked, min_cell)
    }
    found = []
    for one in agreement:
        n, asked, differ = _given(one.n), one.n_asked, _given(one.n_stated_differently)
        is_near = _is_near(n, asked, min_cell)
        hide = is_near or (bool(one.site) and (one.packet, one.field) in near)
        few_differ = _is_near(differ, asked - n, min_cell)
        found.append(
            replace(
                one,
                n=None if hide else n,
                n_stated_differently=None if hide or few_differ else differ,
                n_at_least=max(0, asked - min_cell + 1) if is_near and n >= min_cell else None,
            )
        )
    return tuple(found)


def _is_near(n: int | None, total: int, min_cell: int) -> bool:
    """Whether few cases are inside, or few outside."""
    inside = _given(n)
    return 0 < inside < min_cell or 0 < total - inside < min_cell


def _hide_contrasts(
    contrasts: tuple[SiteContrast, ...],
    sites: Mapping[str, int],
    few_missing: set[str],
    min_cell: int,
) -> tuple[SiteContrast, ...]:
    near = few_missing | {
        one.field
        for one in contrasts
        if _is_near(one.n, sites.get(one.site, 0), min_cell)
        or _is_near(one.n_other, sites.get(one.other, 0), min_cell)
    }
    return tuple(
        replace(one, n=None, n_other=None) if one.field in near else one for one in contrasts
    )

"""Counts of few people in nested groups, hidden so that no other count gives them away."""

from __future__ import annotations

from collections.abc import Collection, Mapping

__all__ = ["choose_hidden_counts"]

Group = frozenset[str]


def choose_hidden_counts(
    counts: Mapping[str, int],
    groups: Mapping[str, Collection[str]],
    *,
    min_cell: int,
    hidden: Collection[str] = (),
) -> frozenset[str]:
    """Choose which counts to hide, so that readers learn of no group of few people.

    The total is known to readers, and each group's count is the sum of its members. What is
    hidden follows from the rest where only little of a sum is left, so further counts are
    hidden, the smallest first, until every hidden one may be `min_cell` or more as far as the
    counts shown can tell. Zeros are shown as long as this can be reached without hiding them.

    Parameters
    ----------
    counts : mapping of str to int
        Number of people by answer; everybody gave one of them.
    groups : mapping of str to collection of str
        Answers that a further count is the sum of. Of two groups one holds the other, or they
        have no answer in common.
    min_cell : int
        Smallest count that is shown.
    hidden : collection of str
        What is not shown for other reasons; the same people may be counted under another name.

    Returns
    -------
    frozenset of str
        Names of answers and groups to hide.

    Raises
    ------
    ValueError
        If two groups overlap without one holding the other.

    Examples
    --------
    >>> sorted(choose_hidden_counts(
    ...     {"low": 5, "middle": 18, "high": 36, "not stated": 1},
    ...     {"answered": ("low", "middle", "high")}, min_cell=5))
    ['answered', 'low', 'not stated']
    """
    present = {name: value for name, value in counts.items() if value}
    total: Group = frozenset(present)
    members = {name: frozenset((name,)) for name in present}
    members |= {name: frozenset(group) & total for name, group in groups.items()}
    members = {name: group for name, group in members.items() if group}
    _check_nested(members)
    kept = {group for name, group in members.items() if name not in hidden} - {total}
    kept = {group for group in kept if not _tells_of_few(group, present, min_cell)}
    while True:
        exposed = _find_exposed(kept, total, present, min_cell)
        if exposed is None:
            shown = {*kept, total}
            return frozenset(name for name, group in members.items() if group not in shown)
        around, inside = exposed
        free = [*inside, *([around] if around != total else [])]
        if not free:
            return frozenset((*counts, *groups))
        kept.remove(min(free, key=lambda group: (_count(group, present), sorted(group))))


def _check_nested(members: Mapping[str, Group]) -> None:
    for one in members.values():
        for other in members.values():
            if one & other and not (one <= other or other <= one):
                msg = "groups of counts overlap without one holding the other."
                raise ValueError(msg)


def _count(group: Group, counts: Mapping[str, int]) -> int:
    return sum(counts[name] for name in group)


def _tells_of_few(group: Group, counts: Mapping[str, int], min_cell: int) -> bool:
    """Whether a sum shows that each part is small: the others are at least one each."""
    return bool(group) and _count(group, counts) - len(group) + 1 < min_cell


def _find_exposed(
    kept: Collection[Group], total: Group, counts: Mapping[str, int], min_cell: int
) -> tuple[Group, list[Group]] | None:
    """Return a count from which the counts shown inside it leave few people, and those counts."""
    for around in sorted({*kept, total}, key=lambda group: (len(group), sorted(group))):
        within = [group for group in kept if group < around]
        inside = [group for group in within if not any(group < other for other in within)]
        rest = around.difference(*inside)
        if _tells_of_few(rest, counts, min_cell):
            return around, inside
    return None

"""What people write into an evaluation report: the items that a program cannot know."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from riskmodel.domain.labels import Label
from riskmodel.errors import CodebookError, Fault
from riskmodel.io.yaml_files import read_yaml

__all__ = ["read_notes"]


def read_notes(path: Path, items: Collection[str]) -> dict[str, Label]:
    """Read notes: a YAML mapping from the number of an item to its text.

    Parameters
    ----------
    path : Path
        For example ``"18a": {da: Kommunen betaler selv., en: Paid by the municipality.}``; a
        plain text stands for both languages.
    items : collection of str
        Numbers that there are.

    Returns
    -------
    dict of str to Label

    Raises
    ------
    CodebookError
        If a number is unknown or a text is missing; file and number are named.
    """
    found = {}
    for number, value in read_yaml(path).items():
        problem = ""
        if number not in items:
            problem = "there is no such item in TRIPOD+AI."
        texts = {"da": value, "en": value} if isinstance(value, str) else value
        if not isinstance(texts, dict) or set(texts) != {"da", "en"}:
            problem = problem or "the text must be given as da and en, or as one text for both."
        elif not all(isinstance(one, str) and one.strip() for one in texts.values()):
            problem = problem or "the text must not be empty."
        if problem:
            fault = Fault(
                file=path.name,
                column=str(number),
                problem=problem,
                remedy='Write for example "18a": {da: ..., en: ...}.',
            )
            raise CodebookError(fault)
        found[number] = Label(da=texts["da"], en=texts["en"])  # type: ignore[index]
    return found

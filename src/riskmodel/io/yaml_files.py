"""Reading YAML strictly, so that a slip of the pen is refused and never guessed at.

The subset follows YAML 1.2: only ``true`` and ``false`` are booleans, so ``yes``, ``no``
and ``on`` stay text; dates stay text; numbers with leading zeros stay text. Duplicate
keys, aliases, tags and several documents in one file are refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from riskmodel.domain.privacy import find_cpr, mask_cpr
from riskmodel.errors import CodebookError, Fault

__all__ = ["MAX_BYTES", "read_yaml"]

MAX_BYTES = 1_000_000
_MAX_DEPTH = 30
_TAG = "tag:yaml.org,2002:"
_TAB_REMEDY = "Replace every tab by spaces; YAML is indented with spaces only."
_CPR_REMEDY = "Personal data have no place in a configuration file: take it out."
_NINE_DIGITS = re.compile(r"(?:[0-9][^0-9A-Za-z]{0,3}){8}[0-9]|[^\x00-\x7f]")
_DOI = re.compile(r"\bdoi(?:\.org/|:)? ?10\.[0-9]{4,9}/[^\s,;\"']+")
_SYNTAX_REMEDY = (
    "Check the indentation, the colons and the quotes on that line and on the line above; "
    "put text that holds a colon, a hash or a bracket in quotes."
)


class _WrittenFloat(float):
    """A float that prints as it was written, so that version 1.10 does not become 1.1."""

    written: str

    def __str__(self) -> str:
        return self.written


class _Refused(yaml.MarkedYAMLError):
    """A construct that is valid YAML but not accepted here."""

    def __init__(self, problem: str, remedy: str, mark: yaml.Mark | None) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.remedy = remedy


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader without the parts that surprise people."""

    yaml_constructors: ClassVar[dict[Any, Any]] = {}
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            problem = "Aliases (*name) are not accepted."
            raise _Refused(problem, "Write the value out.", self._next_mark())
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            problem = f"Values may be nested at most {_MAX_DEPTH} deep."
            remedy = "Check the indentation and the brackets."
            raise _Refused(problem, remedy, self._next_mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def _next_mark(self) -> yaml.Mark:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return mark


def _construct_map(loader: _StrictLoader, node: yaml.MappingNode) -> dict[object, object]:
    mapping: dict[object, object] = {}
    lines: dict[object, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problem = "A key must be a single word."
            raise _Refused(problem, _SYNTAX_REMEDY, key_node.start_mark)
        key = loader.construct_object(key_node)
        if key in mapping:
            problem = f"Keys must differ, but {key!r} is given on line {lines[key]} and {line}."
            raise _Refused(problem, "Remove or rename one of them.", key_node.start_mark)
        lines[key] = line
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


def _construct_list(loader: _StrictLoader, node: yaml.SequenceNode) -> list[object]:
    return [loader.construct_object(child, deep=True) for child in node.value]


def _construct_scalar(loader: _StrictLoader, node: yaml.ScalarNode) -> object:
    text = loader.construct_scalar(node)
    kind = node.tag.removeprefix(_TAG)
    try:
        if kind == "bool":
            return {"true": True, "false": False}[text.lower()]
        if kind == "int":
            return int(text)
        if kind == "float":
            number = _WrittenFloat(re.sub(r"\.(?=inf|nan)", "", text.lower()))
            number.written = text
            return number
    except (KeyError, ValueError) as error:
        problem = f"This is not a value of type {kind}."
        raise _Refused(problem, "Leave the tag out.", node.start_mark) from error
    return None if kind == "null" else text


def _refuse_tag(_loader: _StrictLoader, node: yaml.Node) -> object:
    problem = f"The tag {node.tag.replace(_TAG, '!!')} is not accepted."
    raise _Refused(problem, "Leave the tag out, or put the text in quotes.", node.start_mark)


# Start from no rules at all: what is not listed below is text, or refused.
_StrictLoader.yaml_implicit_resolvers = {}
_StrictLoader.add_constructor(f"{_TAG}map", _construct_map)
_StrictLoader.add_constructor(f"{_TAG}seq", _construct_list)
for _kind in ("str", "bool", "int", "float", "null"):
    _StrictLoader.add_constructor(f"{_TAG}{_kind}", _construct_scalar)
_StrictLoader.add_constructor(None, _refuse_tag)

for _kind, _pattern, _first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})\Z", "-+0123456789"),
    (
        "float",
        (
            r"[-+]?(?:(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|\.(?:inf|Inf|INF))\Z|\.(?:nan|NaN|NAN)\Z"
        ),
        "-+.0123456789",
    ),
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
):
    _StrictLoader.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(_pattern), list(_first))


def read_yaml(path: Path) -> dict[str, object]:
    """Read one YAML file whose top level is a mapping.

    Parameters
    ----------
    path : Path
        File in UTF-8, with or without a byte order mark, at most `MAX_BYTES` long.

    Returns
    -------
    dict of str to object
        Mappings, lists, text, numbers, booleans and None. Dates are text.

    Raises
    ------
    CodebookError
        If the file cannot be read as strict YAML, or holds what looks like a personal number,
        be it in a comment; the fault names the file and the line.
    """
    name = mask_cpr(path.name)
    text = _read_text(path, name)
    _refuse_personal_numbers(text, name)
    try:
        loaded = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - knows plain values only
    except yaml.MarkedYAMLError as error:
        raise CodebookError(_describe(error, name)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"Line {line} holds a control character that YAML does not allow."
        remedy = "Save the file again as plain UTF-8 text."
        raise CodebookError(Fault(name, problem, remedy, row=line)) from error
    if loaded is None:
        problem = "The file is empty, but a mapping of keys to values is needed."
        raise CodebookError(Fault(name, problem, "Write the file, or name another."))
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        problem = "The top level must be keys with values, such as `version: 1`."
        raise CodebookError(Fault(name, problem, "Start the file with its first key.", row=1))
    return loaded


def _leave_out_sources(line: str) -> str:
    """Take out the names of publications, whose numbers can look like dates."""
    return _DOI.sub("doi", line) if "doi" in line else line


def _refuse_personal_numbers(text: str, name: str) -> None:
    faults = [
        Fault(name, "The line holds what looks like a CPR number (not shown).", _CPR_REMEDY, number)
        for number, line in enumerate(map(_leave_out_sources, text.splitlines()), 1)
        if _NINE_DIGITS.search(line) and find_cpr(line) is not None
    ]
    if faults:
        raise CodebookError(faults)


def _read_text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        remedy = "Check the path."
        if not path.is_absolute():
            shown = mask_cpr(path.as_posix())
            remedy = f"Check the path {shown}: it counts from the folder you started in."
        fault = Fault(name, f"The file cannot be read ({reason}).", remedy)
        raise CodebookError(fault) from error
    if len(data) > MAX_BYTES:
        problem = f"A configuration file may be at most {MAX_BYTES:,} bytes."
        raise CodebookError(Fault(name, problem, "Check that this is the right file."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"The file must be UTF-8 text, but line {line} holds another encoding."
        remedy = "Save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8)."
        raise CodebookError(Fault(name, problem, remedy, row=line)) from error


def _describe(error: yaml.MarkedYAMLError, file: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    if isinstance(error, _Refused):
        return Fault(file, str(error.problem), error.remedy, row=line)
    problem = " ".join(part for part in (error.context, error.problem) if part)
    place = "" if line is None else f" at line {line}"
    remedy = _TAB_REMEDY if r"'\t'" in problem else _SYNTAX_REMEDY
    return Fault(file, f"This is not valid YAML{place}: {problem}.", remedy, row=line)

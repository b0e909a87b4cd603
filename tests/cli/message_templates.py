"""Finds, in the sources, every sentence that the command line can say: the templates of messages.

A template is the text of a string or an f-string with ``{0}``, ``{1}``, ... for what is filled
in. Choices between texts inside one (``a if x else b``, a local name) give one template each.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, product
from math import prod
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "riskmodel"

# Layers whose ValueErrors no user meets: they are faults of a caller, not of a file.
INNER_LAYERS = ("evaluation", "explanation", "model", "monitoring", "stats")

# Modules whose plain texts stand in both languages side by side, or never reach a terminal.
SPOKEN_ELSEWHERE = {
    "pipelines/check.py": "its report has its own words in both languages",
    "pipelines/review_data_sheet.py": "a file, in English, as the other papers of a data set",
    "domain/review_words.py": "words of the workbooks, in both languages",
}
# It answers requests of programs, in English.
SERVING = "pipelines/serving_model.py"

# Modules of the outer layers whose ValueErrors a reader of files turns into faults.
RERAISED = (
    "domain/asking.py",
    "domain/codebook.py",
    "domain/labels.py",
    "domain/outcome.py",
    "domain/parameter_rules.py",
    "domain/points_form.py",
    "domain/review_settings.py",
    "domain/scorecard.py",
    "domain/small_cells.py",
    "domain/synthetic_course_parameters.py",
    "domain/synthetic_feedback.py",
    "domain/synthetic_parameters.py",
    "io/training_config.py",
    "training/fit.py",
    "visitation/audit.py",
    "visitation/conditions.py",
    "visitation/decision_record.py",
    "visitation/inflow.py",
    "visitation/offers.py",
    "visitation/regimes.py",
    "visitation/schedule.py",
    "visitation/thresholds.py",
    "visitation/tiers.py",
)
# Their rules are parted at the semicolon: what is wrong, and what to do.
PARTED = ("domain/asking.py", "domain/codebook.py", "domain/labels.py", "domain/outcome.py")

# Calls that tell something on the way, and methods that return the words of a result.
TELLERS = ("progress", "on_step", "on_fold", "say", "echo", "show_result", "BadParameter")
TEXT_METHODS = ("to_text", "describe", "auc_text", "__str__")
# Calls of the command line whose texts are help: the walk over the commands finds them.
IN_HELP = ("Option", "Argument", "Typer", "command", "make_example", "Path")

SENTENCE = re.compile(r"[\w)}\]`'\"][.?]$")
# A line to type, not to read.
COMMAND = re.compile(r"\.venv/|riskmodel:? [a-z{]")
HOLE = re.compile(r"\{\d+\}")
CALLERS_FAULTS = ("AssertionError", "TypeError", "KeyError", "AttributeError", "FileNotFoundError")
# Calls that tell a number with the word for one or for many.
COUNT = "tell_count"
MOST_FORMS = 48
DEEPEST_NAME = 3

# A text in pieces; None is what is filled in.
Parts = tuple[str | None, ...]
HOLE_ALONE: Parts = (None,)


def number_holes(parts: Parts) -> str:
    """Return a template with its holes numbered; holes side by side are one."""
    text, count, after_hole = "", 0, False
    for part in parts:
        if part is None and not after_hole:
            text += f"{{{count}}}"
            count += 1
        elif part:
            text += part.replace("{", "{{").replace("}", "}}")
        after_hole = part is None or (after_hole and not part)
    return text


def split_holes(template: str) -> Parts:
    """Return the pieces of a template."""
    texts = [one.replace("{{", "{").replace("}}", "}") for one in HOLE.split(template)]
    return tuple(chain.from_iterable((None, one) for one in texts))[1:]


def split_lines(parts: Parts) -> Iterator[Parts]:
    """Split the parts of a text at its line breaks: each line is translated alone."""
    line: list[str | None] = []
    for part in parts:
        first, *others = [None] if part is None else part.split("\n")
        line.append(first)
        for other in others:
            yield tuple(line)
            line = [other]
    yield tuple(line)


def join(pieces: list[list[Parts]]) -> list[Parts]:
    """Return every way to put the pieces of a text together; too many choices become holes."""
    if prod(map(len, pieces)) > MOST_FORMS:
        pieces = [one if len(one) == 1 else [HOLE_ALONE] for one in pieces]
    return [tuple(chain.from_iterable(chosen)) for chosen in product(*pieces)]


def name_call(node: ast.AST | None) -> str:
    """Return the name of what is called, without what it belongs to."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def read_count_words(node: ast.AST) -> list[str]:
    """Return the word for one and the word for many of a call that counts."""
    arguments = node.args[1:] if isinstance(node, ast.Call) else []
    return [one.value for one in arguments if isinstance(one, ast.Constant)]


def holds_text(node: ast.AST) -> bool:
    """Whether an expression is put together from written-out text."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and (holds_text(node.left) or holds_text(node.right))
    if isinstance(node, ast.IfExp):
        return holds_text(node.body) or holds_text(node.orelse)
    return isinstance(node, ast.JoinedStr)


class Module:
    """The texts of one module."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(SOURCE).as_posix()
        self.layer = self.name.split("/", 1)[0]
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    def climb(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what a node stands in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def find_function(self, node: ast.AST) -> ast.AST:
        """Return the function that a node stands in, or the whole module."""
        around = (one for one in self.climb(node) if isinstance(one, ast.FunctionDef))
        return next(around, self.tree)

    def find_texts(self) -> Iterator[ast.expr]:
        """Yield every outermost expression of text that is no docstring."""
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp):
                continue
            parent = self.parents.get(node)
            documents = isinstance(parent, ast.Expr) or name_call(parent) == COUNT
            if holds_text(node) and not documents and not self._is_within_text(node):
                yield node

    def _is_within_text(self, node: ast.AST) -> bool:
        child = node
        for one in self.climb(node):
            chosen_by = isinstance(one, ast.IfExp) and child is one.test
            apart = isinstance(one, ast.Call | ast.Lambda | ast.Subscript | ast.comprehension)
            if not isinstance(one, ast.expr) or apart or chosen_by:
                return False
            if not isinstance(one, ast.Constant) and holds_text(one):
                return True
            child = one
        return False

    def read(self, node: ast.AST, depth: int = 0) -> list[Parts]:
        """Return every text that an expression can give, as far as the source shows it."""
        found: list[Parts] = [HOLE_ALONE]
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = [(node.value,)]
        elif isinstance(node, ast.JoinedStr):
            found = join([self.read(one, depth) for one in node.values])
        elif isinstance(node, ast.FormattedValue):
            if node.format_spec is None and node.conversion == -1:
                found = self.read(node.value, depth)
        elif name_call(node) == COUNT:
            found = [(None, f" {word}") for word in read_count_words(node)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            found = join([self.read(node.left, depth), self.read(node.right, depth)])
        elif isinstance(node, ast.IfExp):
            found = [*self.read(node.body, depth), *self.read(node.orelse, depth)]
        elif isinstance(node, ast.BoolOp):
            found = [one for value in node.values for one in self.read(value, depth)]
        elif isinstance(node, ast.Name) and depth < DEEPEST_NAME:
            found = self._read_name(node, depth + 1)
        return found

    def _read_name(self, name: ast.Name, depth: int) -> list[Parts]:
        """Return the texts that a local name is given, or a constant of the module."""
        function = self.find_function(name)
        found: list[Parts] = []
        for node in ast.walk(function):
            changed = (ast.AugAssign, ast.NamedExpr, ast.For, ast.comprehension)
            if isinstance(node, changed) and name.id in list_names(node.target):
                return [HOLE_ALONE]
            if not isinstance(node, ast.Assign) or self.find_function(node) is not function:
                continue
            given = any(isinstance(one, ast.Name) and one.id == name.id for one in node.targets)
            if given and name.id not in list_names(node.value):
                found += self.read(node.value, depth)
        if not found:
            constant = self._find_constant(name.id)
            return [HOLE_ALONE if constant is None else (constant,)]
        return found if all(any(one) or one == ("",) for one in found) else [HOLE_ALONE]

    def _find_constant(self, name: str) -> str | None:
        """Return the text that a module's name stands for, here or where it comes from."""
        homes = [self]
        for node in self.tree.body:
            if isinstance(node, ast.ImportFrom) and name in {one.name for one in node.names}:
                path = (node.module or "").removeprefix("riskmodel.").replace(".", "/") + ".py"
                homes += [one for one in read_modules() if one.name == path]
        for node in chain.from_iterable(one.tree.body for one in homes):
            if isinstance(node, ast.Assign):
                target: ast.AST = node.targets[0]
            elif isinstance(node, ast.AnnAssign):
                target = node.target
            else:
                continue
            if isinstance(target, ast.Name) and target.id == name:
                value = getattr(node.value, "value", None)
                return value if isinstance(value, str) else None
        return None

    def find_error(self, node: ast.AST) -> str:
        """Return the exception that a text ends in: its own call, or the raise of its name."""
        for one in self.climb(node):
            called = name_call(one)
            if called.endswith(("Error", "Refused", "Fault", "BadParameter")):
                return called
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                return self._find_raise(one, one.targets[0].id)
            if isinstance(one, ast.stmt):
                return ""
        return ""

    def _find_raise(self, assigned: ast.Assign, name: str) -> str:
        raised = [
            one
            for one in ast.walk(self.find_function(assigned))
            if isinstance(one, ast.Raise)
            and one.lineno > assigned.lineno
            and one.exc is not None
            and name in list_names(one.exc)
        ]
        return name_call(min(raised, key=lambda one: one.lineno).exc) if raised else ""

    def stands_in_two_languages(self, node: ast.AST) -> bool:
        """Whether a text stands beside its translation: in a label, or under its language."""
        for one in self.climb(node):
            if isinstance(one, ast.FunctionDef):
                return False
            if name_call(one) in {"Label", "_label", "Word", "get", "compile"}:
                return True
            if isinstance(one, ast.Dict):
                keys = {getattr(key, "value", None) for key in one.keys}
                if {"da", "en"} & keys:
                    return True
        return False

    def tells(self, node: ast.AST) -> bool:
        """Whether a text is progress, or a part of the words of a result."""
        for one in self.climb(node):
            if name_call(one) in TELLERS:
                return True
            if isinstance(one, ast.FunctionDef):
                return one.name in TEXT_METHODS and self.layer != "visitation"
        return False

    def says(self, node: ast.AST, template: str) -> bool:
        """Whether a text can reach a user of the command line in English."""
        words = HOLE.sub("", template)
        if self.layer == "report" or self.name == SERVING or self.stands_in_two_languages(node):
            return False
        if not re.search(r"[A-Za-z]{2}", words) or " " not in template or COMMAND.match(template):
            return False
        error = self.find_error(node)
        if error == "ValueError":
            return self.name in RERAISED
        if error or self.layer == "cli":
            helps = any(name_call(one) in IN_HELP for one in self.climb(node))
            return error not in CALLERS_FAULTS and not helps
        if self.name in SPOKEN_ELSEWHERE:
            return False
        ends = self.layer not in INNER_LAYERS and SENTENCE.search(template) is not None
        return ends or self.tells(node)

    def list_templates(self, node: ast.expr) -> Iterator[str]:
        """Yield the templates of a text: a line each, and the two halves of a parted rule."""
        for parts in self.read(node):
            for line in split_lines(parts):
                template = number_holes(line).strip()
                if "; " in template and self.name in PARTED:
                    problem, _, remedy = template.partition("; ")
                    yield from (f"{problem}.", number_holes(split_holes(remedy)))
                elif template:
                    yield template


def list_names(node: ast.AST) -> set[str]:
    """Return the names that an expression holds."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


@lru_cache(maxsize=1)
def read_modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    return tuple(Module(path) for path in sorted(SOURCE.rglob("*.py")))


def collect(*, required: bool) -> dict[str, str]:
    """Return the templates of all sources by text, each with one place where it stands.

    Parameters
    ----------
    required : bool
        Only those that can reach a user; otherwise every text of the sources.
    """
    found: dict[str, str] = {}
    for module in read_modules():
        for node in module.find_texts():
            for template in module.list_templates(node):
                if not required or module.says(node, template):
                    found.setdefault(template, f"{module.name}:{node.lineno}")
    return found

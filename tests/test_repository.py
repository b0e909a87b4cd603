"""The repository itself: sizes, docstrings, and no trace of the machine it was made on."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
MODULES = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50

# Written backwards, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    name[::-1] for name in ("gro.ipyp", "gro.detsohnohtyp", "gro.adnocana", "gro.sjmpn")
)
MACHINE_PATH = re.compile(r"(?<![\w.~/<-])/(?:root|Users|opt|mnt|home/(?!ada/))/?[\w.]+")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def list_files() -> list[Path]:
    """Return the files under version control, or all that could be where git is not at hand."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
        names = listed.stdout.decode().split("\0")
        found = [ROOT / name for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        folders = ("src", "tests", "configs", "docs", "notebooks", "benchmarks", ".ci")
        found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
        found += ROOT.glob("*.*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def find_traces(text: str) -> list[str]:
    """Return the registry hosts and the paths of a machine that a text holds."""
    own = [str(path) + "/" for path in (ROOT, Path.home()) if len(path.parts) > 2]
    traces = [trace for trace in (*REGISTRIES, *own) if trace in text]
    return traces + [found.group() for found in MACHINE_PATH.finditer(text)]


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_trace_of_a_machine_or_a_registry(path: Path) -> None:
    assert find_traces(path.read_bytes().decode("utf-8", errors="replace")) == []


def test_traces_are_found() -> None:
    assert find_traces(f"--index-url https://{REGISTRIES[0]}/simple") == [REGISTRIES[0]]
    assert find_traces("see /" + "root/notes.txt")
    assert find_traces("ratio a/root of b, docs/opt/x.md") == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_are_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "has no docstring"
    assert len(text.splitlines()) < MAX_FILE_LINES
    long = [
        f"{function.name}: {count_body_lines(function)} lines"
        for function in find_functions(tree)
        if count_body_lines(function) >= MAX_FUNCTION_LINES
    ]
    assert long == []


def find_functions(tree: ast.AST) -> Iterator[Function]:
    """Yield every function of a module, methods and inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def count_body_lines(function: Function) -> int:
    """Return the lines of a function from its first statement, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def read_parameters(docstring: str) -> dict[str, str | None]:
    """Return the parameters that a numpydoc docstring lists, with their stated defaults."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+$|\Z)", docstring, re.M | re.S)
    if section is None:
        return {}
    found: dict[str, str | None] = {}
    entries = re.findall(r"^(\S[^\n]*)\n?((?:[ ]+[^\n]*\n?|\n)*)", section.group(1), re.M)
    for head, text in entries:
        names, _, kind = head.partition(" : ")
        each = [name.strip().lstrip("*") for name in names.split(",")]
        stated = re.findall(r"\bdefault=(\S+)", f"{kind} {text}")
        if len(stated) != len(each):
            stated = stated[:1] * len(each) or [""] * len(each)
        found |= {name: one.rstrip(".,;") or None for name, one in zip(each, stated, strict=True)}
    return found


def read_signature(node: Function | ast.ClassDef) -> dict[str, str | None]:
    """Return the arguments of a function, or what a class is made from, with their defaults."""
    if isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and member.name == "__init__":
                return read_signature(member)
        return {
            member.target.id: None if member.value is None else ast.unparse(member.value)
            for member in node.body
            if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
        }
    plain = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(plain) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(plain, defaults, strict=True)]
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    pairs += [(rest, None) for rest in (node.args.vararg, node.args.kwarg) if rest]
    return {
        argument.arg: None if default is None else ast.unparse(default)
        for argument, default in pairs
    }


def is_same_value(stated: str, default: str) -> bool:
    """Whether two pieces of source mean the same value; 5 and 5.0 do."""
    try:
        return bool(ast.literal_eval(stated) == ast.literal_eval(default))
    except (SyntaxError, ValueError):
        return stated.strip("`'\"") == default.strip("'\"")


def find_docstring_faults(tree: ast.AST) -> Iterator[str]:
    """Yield parameters that do not exist, and defaults that are not those of the signature."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        inherits = isinstance(node, ast.ClassDef) and bool(node.bases)
        signature = read_signature(node)
        for name, stated in read_parameters(ast.get_docstring(node) or "").items():
            if name not in signature:
                if not inherits:
                    yield f"{node.name}: no parameter {name}"
            elif stated is not None and not is_same_value(stated, str(signature[name])):
                yield f"{node.name}: {name} defaults to {signature[name]}, not {stated}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_docstrings_agree_with_signatures(path: Path) -> None:
    assert list(find_docstring_faults(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_docstring_faults_are_found() -> None:
    tree = ast.parse('''
def draw(width: float, *, height: float = 0.01, name: str = "a") -> None:
    """Draw.

    Parameters
    ----------
    width, length : float
        Sizes.
    height : float
        Size, default=0.1.
    name : str, default="a"
        Name.

    Returns
    -------
    none : object
    """
''')
    assert list(find_docstring_faults(tree)) == [
        "draw: no parameter length",
        "draw: height defaults to 0.01, not 0.1",
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_store_output_but_no_case(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert '"output_type"' in text
    assert "SYN-" not in text
    assert len(text) < 1_500_000

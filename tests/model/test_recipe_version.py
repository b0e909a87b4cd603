"""No constant of the recipe changes without a new version."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest

import riskmodel
from riskmodel.model.recipe_version import RECIPE_VERSION, RECIPES

PACKAGE = Path(riskmodel.__file__).parent
MODULES = (
    "model/binning.py",
    "model/curve_fitting.py",
    "model/estimator.py",
    "model/linear_part.py",
    "model/pair_ranking.py",
    "model/parts.py",
    "model/pooling.py",
    "model/purification.py",
    "model/search.py",
    "model/spread.py",
    "model/stacking.py",
    "model/tree_growth.py",
    "model/tree_part.py",
    "training/fit.py",
)


def holds_number(node: ast.AST | None) -> bool:
    return node is not None and any(
        isinstance(one, ast.Constant) and isinstance(one.value, int | float)
        for one in ast.walk(node)
    )


def find_constants(source: str) -> list[str]:
    """Numbers with a name: constants, defaults of fields and arguments, settings handed on."""
    found = []
    for node in ast.walk(ast.parse(source)):
        named: list[tuple[str, ast.AST | None]] = []
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            named = [(name, node.value)] if name.isupper() else []
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            named = [(node.target.id, node.value)]
        elif isinstance(node, ast.keyword):
            named = [(node.arg or "", node.value)] if node.arg != "axis" else []
        elif isinstance(node, ast.arguments):
            placed = [*node.posonlyargs, *node.args]
            given = zip(placed[len(placed) - len(node.defaults) :], node.defaults, strict=True)
            named = [(one.arg, value) for one, value in given]
            named += [
                (one.arg, value)
                for one, value in zip(node.kwonlyargs, node.kw_defaults, strict=True)
            ]
        elif isinstance(node, ast.Dict):
            named = [
                (ast.unparse(key), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if key is not None and isinstance(value, ast.Constant)
            ]
        found += [f"{name}={ast.unparse(value)}" for name, value in named if holds_number(value)]
    return sorted(found)


def find_fingerprint() -> str:
    told = [
        f"{name}:{one}"
        for name in MODULES
        for one in find_constants((PACKAGE / name).read_text(encoding="utf-8"))
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def test_the_constants_are_those_of_the_version() -> None:
    found = find_fingerprint()
    assert RECIPES[RECIPE_VERSION] == found, (
        "A constant of the recipe was changed: add a version to RECIPES in "
        f'src/riskmodel/model/recipe_version.py with the fingerprint "{found}", and say in '
        "docs/recipe.md what changed."
    )


def test_versions_rise() -> None:
    assert [int(one) for one in RECIPES] == list(range(1, len(RECIPES) + 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("PRIOR = 12.0", "PRIOR = 13.0"),
        ("SHARES = np.array([0.6, 0.4])", "SHARES = np.array([0.7, 0.3])"),
        ("class A:\n    leaves: int = 4", "class A:\n    leaves: int = 5"),
        ("fit(l2=10.0)", "fit(l2=5.0)"),
        ("def fit(X, n_folds=5): ...", "def fit(X, n_folds=4): ..."),
        ("def fit(X, *, n_refits=24): ...", "def fit(X, *, n_refits=8): ..."),
        ("fit(leaf=int(n / 40))", "fit(leaf=int(n / 20))"),
        ("x = {'cat_l2': 10.0}", "x = {'cat_l2': 5.0}"),
    ],
)
def test_a_changed_constant_shows(before: str, after: str) -> None:
    assert find_constants(before) != find_constants(after)
    assert find_constants(before) == find_constants(f"# a note\n{before}\n")

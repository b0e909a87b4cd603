"""The version of the recipe: raised whenever a number that shapes the model is changed.

The version of the package changes for many reasons, and between releases the recipe may change
without it. This one is kept with every model.
"""

from __future__ import annotations

from typing import Final

__all__ = ["RECIPES", "RECIPE_VERSION", "UNKNOWN_RECIPE"]

UNKNOWN_RECIPE: Final = "unknown"
"""That of a model saved before versions were kept."""

RECIPES: Final = {
    "1": "b0d738d3fae7c466",
    "2": "0975ef0c22ccafe9",
    "3": "4d6356386f375405",
    "4": "6c5d98a9201125aa",
    "5": "3dd4e4da07c7d63b",
}
"""Each version with the fingerprint of its constants; add one, never change one that was used.

`tests/model/test_recipe_version.py` works the fingerprint out. A change of the procedure that
moves no named constant shows in the scores kept by `tests/model/test_recipe_scores.py`; it is given
a version with the fingerprint of the one before.
"""

RECIPE_VERSION: Final = list(RECIPES)[-1]

"""Contributions as the shap package's own object, for its plots in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmodel.domain.labels import Language
from riskmodel.model.encoding import encode_fields
from riskmodel.model.scoring import ScoredCases

if TYPE_CHECKING:
    import shap

__all__ = ["to_shap_explanation"]


def to_shap_explanation(cases: ScoredCases, lang: Language = "da") -> shap.Explanation:
    """Return the contributions of scored rows as a `shap.Explanation`, in log-odds.

    Nothing is estimated: the tables are the SHAP values.

    Parameters
    ----------
    cases : ScoredCases
        Scored cases; rows without a score are left out.
    lang : {"da", "en"}
        Language of the names.

    Returns
    -------
    shap.Explanation
        Values of shape (n_scored, n_indicators); values plus base value are the score.
    """
    import shap  # noqa: PLC0415

    rows = cases.scored
    return shap.Explanation(
        values=cases.scores.contributions[rows],
        base_values=np.full(int(rows.sum()), cases.model.base_value),
        data=encode_fields(cases.table)[rows],
        feature_names=[one.label.text(lang) for one in cases.model.codebook.indicators],
    )

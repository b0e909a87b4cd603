"""Guards against indicators that know the outcome: most flattering results come from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import DataKind
from riskmodel.domain.labels import Label
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.table_doubts import find_aucs_alone
from riskmodel.training.leak_guards import find_leaks, refuse_leaks

__all__ = ["CEILINGS", "LeakWarning", "find_leaks", "find_suspected_leaks", "refuse_leaks"]

FloatArray = npt.NDArray[np.float64]

CEILINGS: dict[DataKind, float] = {"case_records": 0.85, "public": 0.95, "synthetic": 0.95}


@dataclass(frozen=True, slots=True)
class LeakWarning:
    """A result too good to be believed before it is explained.

    Parameters
    ----------
    subject : str
        "model", or the name of an indicator.
    auc : float
        The AUC found.
    ceiling : float
        The AUC above which a leak is suspected.
    text : Label
        What to check.
    """

    subject: str
    auc: float
    ceiling: float
    text: Label


def find_suspected_leaks(
    record: EvaluationRecord,
    table: CaseTable,
    *,
    ceiling: float | None = None,
    alone: Mapping[str, float] | None = None,
) -> tuple[LeakWarning, ...]:
    """Return what is too good: the model, or an indicator alone, above a ceiling of AUC.

    Parameters
    ----------
    record : EvaluationRecord
        The evaluation on held-out cases.
    table : CaseTable
        The same cases.
    ceiling : float, optional
        AUC in (0.5, 1]; by default 0.85 for case records, where no published model comes
        near it, and 0.95 for other data.
    alone : mapping of str to float, optional
        AUC of each indicator alone, where it was found already.

    Raises
    ------
    ValueError
        If the ceiling is out of range.
    """
    limit = CEILINGS[table.codebook.data_kind] if ceiling is None else ceiling
    if not 0.5 < limit <= 1:
        msg = f"ceiling must lie in (0.5, 1], got {limit}."
        raise ValueError(msg)
    found = []
    whole = record.headline.figures.get("auc")
    if whole is not None and whole.value > limit:
        found.append(_warn("model", whole.value, limit))
    each = find_aucs_alone(table) if alone is None else alone
    found += [_warn(name, value, limit) for name, value in each.items() if value > limit]
    return tuple(found)


def _warn(subject: str, value: float, limit: float) -> LeakWarning:
    shown, ceiling = f"{value:.2f}", f"{limit:.2f}"
    who_da = "Modellen" if subject == "model" else f"Indikatoren {subject} alene"
    who_en = "The model" if subject == "model" else f"The indicator {subject} alone"
    return LeakWarning(
        subject,
        value,
        limit,
        Label(
            da=f"{who_da} har AUC {shown.replace('.', ',')}, over loftet på "
            f"{ceiling.replace('.', ',')}: formodet lækage af udfaldet, indtil det er forklaret. "
            "Efterse, hvornår hver indikator blev kendt.",
            en=f"{who_en} has AUC {shown}, above the ceiling of {ceiling}: a suspected leak of "
            "the outcome until it is explained. Check when each indicator became known.",
        ),
    )

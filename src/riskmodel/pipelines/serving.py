"""What MLflow serves: a description of the requests, and the cases that a request holds."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pandas as pd

from riskmodel.domain.cases import CaseTable
from riskmodel.domain.codebook import Codebook
from riskmodel.io.frame_cases import read_frame
from riskmodel.io.policy_files import REGIMES_FILE
from riskmodel.io.run_record import ColumnType, ServedModel

__all__ = ["describe_served_model", "read_request"]

MODEL_CODE = Path(__file__).with_name("serving_model.py")
PARAMETERS: dict[str, ColumnType] = {"policy": "string", "horizon": "double"}
REQUIREMENTS = ("riskmodel", "mlflow", "numpy", "pandas", "pyarrow", "pyyaml")


def describe_served_model(
    bundle: Path,
    codebook: Codebook,
    *,
    policy: Path | None = None,
    registered_name: str | None = None,
    alias: str | None = None,
) -> ServedModel:
    """Describe a bundle as a model that MLflow can serve.

    The columns come from the codebook, never from an example row: numbers are ``double``,
    all else ``string``. The indicators and the week of the assessment must be there, with
    null where a fact is missing; ids, the site and other fields known by then may be; a
    column that the codebook does not know is refused.

    Parameters
    ----------
    bundle : Path
        Folder of the bundle.
    codebook : Codebook
        The codebook that the bundle was trained with.
    policy : Path or None
        Policy file that gives the tier; the periods of the law are taken from beside it.
    registered_name, alias : str or None
        Where to register the model.
    """
    week = codebook.assessed_week
    known = [one for one in codebook.fields if one.known_at != "closure"]
    numbers = {one.name for one in (*known, *codebook.indicators) if one.type == "number"}
    numbers |= {week} if isinstance(week, str) else set()
    required = [one.name for one in codebook.indicators]
    required += [week] if isinstance(week, str) else []
    optional = [codebook.key, codebook.group, codebook.site or "", *(one.name for one in known)]
    names = dict.fromkeys(name for name in (*optional, *required) if name)
    outcomes = set(codebook.outcome.columns)
    files = () if policy is None else (policy, policy.parent / REGIMES_FILE)
    return ServedModel(
        bundle=bundle,
        code=MODEL_CODE,
        columns={
            name: "double" if name in numbers else "string"
            for name in names
            if name not in outcomes
        },
        required=frozenset(required),
        parameters=PARAMETERS,
        requirements=tuple(f"{name}=={version(name)}" for name in REQUIREMENTS),
        policy=tuple(file for file in files if file == policy or file.is_file()),
        registered_name=registered_name,
        alias=alias,
    )


def read_request(frame: pd.DataFrame, codebook: Codebook) -> CaseTable:
    """Check the rows of a request as those of a file.

    Parameters
    ----------
    frame : DataFrame, shape (n, n_columns)
        Without a column of case ids the rows are numbered; without one of persons every case
        is a person.
    codebook : Codebook
        The codebook that the model was trained with.

    Raises
    ------
    InputError
        If a cell breaks a rule; the message names row and column.
    """
    filled = frame.copy()
    if codebook.key not in filled:
        filled[codebook.key] = [str(number) for number in range(1, len(filled) + 1)]
    if codebook.group not in filled:
        filled[codebook.group] = filled[codebook.key]
    return read_frame(filled, codebook, source="request")

"""The model as MLflow runs it: loads the bundle, and answers requests as `score` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import mlflow.pyfunc
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from riskmodel.errors import InputError
from riskmodel.io.bundle import load_bundle
from riskmodel.io.policy_files import read_policy
from riskmodel.model.risk_model import RiskModel
from riskmodel.model.scoring import score_cases
from riskmodel.pipelines.score import build_score_frame
from riskmodel.pipelines.serving import read_request
from riskmodel.visitation.policy import Policy

POLICY_FILE = "policy.yaml"


class RefusedRequestError(MlflowException):
    """A request that cannot be scored, with a text that holds none of its cells.

    MLflow's server puts the rows of the request before the message of an error; this error
    keeps the message that it was made with.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name != "message" or "message" not in self.__dict__:
            super().__setattr__(name, value)


class ServedRiskModel(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]
    """Answers with risk, interval, expected weeks, tier, reasons and contributions."""

    model: RiskModel
    policy: Policy | None

    def load_context(self, context: Any) -> None:
        """Load the bundle and the policy that were logged with the model."""
        self.model = load_bundle(context.artifacts["bundle"])
        folder = context.artifacts.get("policy")
        self.policy = None
        if folder is not None:
            self.policy = read_policy(Path(folder) / POLICY_FILE, self.model.codebook)

    def predict(
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Score the rows of a request.

        Parameters
        ----------
        context : object
            Not used; MLflow passes it.
        model_input : DataFrame
            Columns of the codebook.
        params : dict, optional
            ``policy``: ``none`` leaves tier and reasons empty.
            ``horizon``: the risk columns are about this horizon of the codebook instead of
            the primary one; tier and contributions stay.
        """
        try:
            return self._answer(model_input, params or {})
        except InputError as error:
            text = str(error)
        except Exception as error:  # noqa: BLE001 - its text, and its trace, may hold a cell
            text = (
                f"the request could not be read ({type(error).__name__}). Send "
                '{"dataframe_records": [{...}]} with one plain value for each column.'
            )
        raise RefusedRequestError(text, error_code=INVALID_PARAMETER_VALUE)

    def _answer(self, request: object, asked: dict[str, Any]) -> pd.DataFrame:
        if not isinstance(request, pd.DataFrame):
            msg = "rows are read from dataframe_records or dataframe_split only."
            raise InputError(msg)
        policy = self._choose_policy(asked.get("policy"))
        horizon = self._choose_horizon(asked.get("horizon"))
        cases = score_cases(self.model, read_request(request, self.model.codebook))
        frame = build_score_frame(cases, policy, contributions=True)
        if horizon != self.model.codebook.primary_horizon:
            frame["risk"], frame["risk_low"], frame["risk_high"] = cases.risk_at(horizon)
        return frame.astype({"case_id": str})

    def _choose_policy(self, asked: object) -> Policy | None:
        known = {None, "", "none", *({self.policy.name} if self.policy else set())}
        if asked not in known:
            msg = f"policy must be one of {sorted(map(str, known - {None, ''}))}, or left out."
            raise InputError(msg)
        return None if asked == "none" else self.policy

    def _choose_horizon(self, asked: float | None) -> float:
        codebook = self.model.codebook
        if asked is None:
            return codebook.primary_horizon
        if asked not in codebook.horizons:
            msg = f"horizon must be one of {list(codebook.horizons)}, got {asked:g}."
            raise InputError(msg)
        return float(asked)


mlflow.models.set_model(ServedRiskModel())

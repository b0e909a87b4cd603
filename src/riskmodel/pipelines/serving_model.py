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
        asked = params or {}
        try:
            cases = score_cases(self.model, read_request(model_input, self.model.codebook))
            policy = self._choose_policy(asked.get("policy"))
            horizon = self._choose_horizon(asked.get("horizon"))
        except InputError as error:
            raise MlflowException(str(error), error_code=INVALID_PARAMETER_VALUE) from None
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

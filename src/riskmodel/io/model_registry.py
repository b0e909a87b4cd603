"""Finding a saved model in the registry of MLflow."""

from __future__ import annotations

from riskmodel.errors import ModelError
from riskmodel.io.tracking_store import TrackingStore, check_database, reach_mlflow

__all__ = ["find_registered"]


def find_registered(model_version: str, store: TrackingStore) -> tuple[str, str]:
    """Return registered name and version of a saved model, the newest of several.

    Parameters
    ----------
    model_version : str
        Version of the saved model, twelve hexadecimal digits.
    store : TrackingStore
        Where it is registered.

    Raises
    ------
    ModelError
        If no run of the store registered it.
    """
    found: list[tuple[str, str]] = []
    if store.database is not None and store.database.exists():
        check_database(store.database)
    if store.database is None or store.database.exists():
        wanted = f"tags.model_version = '{model_version}'"
        with reach_mlflow(store) as client:
            experiments = [one.experiment_id for one in client.search_experiments()]
            for run in client.search_runs(experiments, wanted):
                listed = client.search_model_versions(f"run_id = '{run.info.run_id}'")
                found += [(str(one.name), str(one.version)) for one in listed]
    if not found:
        msg = (
            f"Model {model_version} must be registered in MLflow to get an alias, and is not. "
            "Train without --no-track, or leave --alias out."
        )
        raise ModelError(msg)
    return found[0]

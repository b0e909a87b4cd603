"""Training settings from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from riskmodel.errors import CodebookError, Fault
from riskmodel.io.yaml_files import read_yaml
from riskmodel.training.fit import TrainingSettings

__all__ = ["TrainingConfig", "read_training_config"]

_TRAINING_KEYS = {
    "refits": "n_refits",
    "folds": "n_folds",
    "pair_terms": "pair_terms",
    "hidden_deviation": "hidden_deviation",
    "seed": "seed",
    "jobs": "n_jobs",
}
KEY_INDICATORS = ("permute", "refit")
_OPTIONAL_NUMBERS = {"suspected_leak_auc"}


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How to train, evaluate and log.

    Parameters
    ----------
    training : TrainingSettings
        How the model is fitted.
    bootstrap_draws : int
        Draws behind every interval, default=200.
    min_cell : int
        Groups with fewer persons or long courses show no figures, default=5.
    suspected_leak_auc : float, optional
        A higher AUC is reported as a suspected leak. By default the ceiling of the kind of
        data: lower for case records than for others.
    transfer : bool
        Judge each site by a model of the other sites, default=True.
    learning_curve : bool
        Work out what more cases would give, default=False; it costs many fits.
    key_indicators : {"permute", "refit"}
        How the price of doing without an indicator is found, default="permute"; "refit"
        works the whole recipe out without each of the strongest, and with a few only.
    experiment, registered_name, alias : str
        Where MLflow files the run and the model. An empty name stands for
        ``riskmodel-<codebook>``, so that models of different codebooks stay apart.
    """

    training: TrainingSettings = field(default_factory=lambda: TrainingSettings(n_jobs=2))
    bootstrap_draws: int = 200
    min_cell: int = 5
    suspected_leak_auc: float | None = None
    transfer: bool = True
    learning_curve: bool = False
    key_indicators: str = "permute"
    experiment: str = "riskmodel"
    registered_name: str = ""
    alias: str = "candidate"

    def __post_init__(self) -> None:
        if self.bootstrap_draws < 50:
            msg = f"bootstrap_draws must be at least 50, got {self.bootstrap_draws}."
            raise ValueError(msg)
        if not 3 <= self.min_cell <= 20:
            msg = f"min_cell must lie in 3..20, got {self.min_cell}."
            raise ValueError(msg)
        if self.key_indicators not in KEY_INDICATORS:
            msg = f"key_indicators must be one of {KEY_INDICATORS}, got {self.key_indicators!r}."
            raise ValueError(msg)
        ceiling = self.suspected_leak_auc
        if ceiling is not None and not 0.5 < ceiling <= 1:
            msg = f"suspected_leak_auc must lie in (0.5, 1], got {ceiling}."
            raise ValueError(msg)


def read_training_config(path: Path | None, seed: int | None = None) -> TrainingConfig:
    """Read training settings; keys left out keep their defaults.

    Parameters
    ----------
    path : Path or None
        YAML file; None gives the defaults.
    seed : int, optional
        Overrides the file's seed.

    Raises
    ------
    CodebookError
        If a key is unknown or a value breaks a rule; file and key are named.
    """
    found = TrainingConfig()
    if path is not None:
        for key, value in read_yaml(path).items():
            found = _set(found, path.name, key, value)
    if seed is not None:
        found = replace(found, training=replace(found.training, seed=seed))
    return found


def _convert(key: str, value: Any, kind: type) -> Any:
    """Return the value as the kind that the setting has."""
    if key in _OPTIONAL_NUMBERS:
        if value is None:
            return None
        kind = float
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        msg = f"the value must be of type {kind.__name__}, got {value!r}."
        raise ValueError(msg)
    return value


def _set(config: TrainingConfig, file: str, key: str, value: Any) -> TrainingConfig:
    plain = {one.name for one in fields(TrainingConfig)} - {"training"}
    target: Any = config.training if key in _TRAINING_KEYS else config
    name = _TRAINING_KEYS.get(key, key)
    try:
        if key not in _TRAINING_KEYS and key not in plain:
            known = ", ".join(sorted({*_TRAINING_KEYS, *plain}))
            msg = f"there is no such setting; the settings are {known}."
            raise ValueError(msg)  # noqa: TRY301
        value = _convert(key, value, type(getattr(target, name)))
        changed = replace(target, **{name: value})
    except ValueError as error:
        fault = Fault(
            file=file, column=key, problem=str(error), remedy="Correct or remove the key."
        )
        raise CodebookError(fault) from None
    return replace(config, training=changed) if key in _TRAINING_KEYS else changed

"""What an update of a model hands back: a few figures for a terminal, everything for a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskmodel.model.risk_model import RiskModel
from riskmodel.stats.updating import ClosedTest
from riskmodel.training.updating import UpdatedModel

__all__ = ["NOT_JUDGED", "UpdateRun", "UpdateSummary", "summarise_update"]

NOT_JUDGED = (
    "How well the updated model does here is not known: the cases that it was fitted to cannot "
    "tell. Judge it on later local cases with riskmodel evaluate before it is used."
)

NOT_RIGHT = (
    "That does not show that the model is right here: few cases show large differences only."
)


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """What an update decided, in a few figures.

    Parameters
    ----------
    step : {"leave", "intercept", "slope", "re-estimate"}
        How far the model was changed.
    reasons : tuple of str
        The decision and the tests that led to it, a sentence each.
    intercept, slope : float
        What the score was moved by, in log-odds, and stretched by; 0 and 1 where it was left.
    theme_weights : dict of str to float
        Change of the weight of themes that were weighed anew and still count.
    tests : tuple of ClosedTest
        The tests made, in order; the last one decided.
    dropped : tuple of str
        Themes that would have turned around here; they no longer count.
    level_error : float
        Standard error of the local level, in log-odds.
    alpha : float
        Level of each test.
    persons, events : int
        Local persons, and long courses among them.
    parent_version, model_version : str
        The model before and after; equal where it was left as it is.
    out : str
        Folder of the updated model; empty where it was left as it is.
    run_id, registered_version : str
        In MLflow; empty where the run was not logged.
    warnings : tuple of str
        What makes the local cases doubtful.
    """

    step: str
    reasons: tuple[str, ...]
    intercept: float
    slope: float
    theme_weights: dict[str, float]
    tests: tuple[ClosedTest, ...]
    dropped: tuple[str, ...]
    level_error: float
    alpha: float
    persons: int
    events: int
    parent_version: str
    model_version: str
    out: str = ""
    run_id: str = ""
    registered_version: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def p_values(self) -> dict[str, float]:
        """P-value of each test, by the smaller update that was tested."""
        return {one.step: one.p_value for one in self.tests}

    def to_text(self) -> str:
        """Return the summary for a terminal."""
        lines = [*(f"warning: {one}" for one in self.warnings), *self.reasons]
        if self.out:
            lines.append(
                f"level moved by {self.intercept:+.2f} log-odds, score times {self.slope:.2f}"
            )
            lines += [
                f"  weight of {theme} changed by {change:+.2f}"
                for theme, change in self.theme_weights.items()
            ]
            lines += [f"model {self.model_version} saved in {self.out}", NOT_JUDGED]
        else:
            lines += [f"nothing was saved; go on with model {self.parent_version}", NOT_RIGHT]
        if self.run_id:
            registered = f", registered as version {self.registered_version}"
            lines.append(f"MLflow run {self.run_id}{registered if self.registered_version else ''}")
        return "\n".join(lines)

    def to_mapping(
        self, parent: Mapping[str, Any] | None = None, warnings: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Return what is kept with the updated model and in MLflow.

        Parameters
        ----------
        parent : mapping, optional
            That of the model before, where it was an updated one: its record and those before
            it are kept as ``earlier``, oldest first.
        warnings : sequence of str
            What was warned of at the training.
        """
        before = dict(parent or {})
        earlier = before.pop("earlier", [])
        return {
            "schema": "riskmodel.update/1",
            "step": self.step,
            "reasons": list(self.reasons),
            "tests": [
                {
                    "step": one.step,
                    "statistic": one.statistic,
                    "degrees_of_freedom": one.degrees,
                    "p_value": one.p_value,
                }
                for one in self.tests
            ],
            "alpha": self.alpha,
            "intercept": self.intercept,
            "slope": self.slope,
            "level_error": self.level_error,
            "theme_weights": self.theme_weights,
            "dropped": list(self.dropped),
            "persons": self.persons,
            "long_courses": self.events,
            "parent_version": self.parent_version,
            "not_judged": NOT_JUDGED,
            "warnings_before": list(warnings),
            "earlier": [*earlier, *([before] if before else [])],
        }


@dataclass(frozen=True, slots=True, repr=False)
class UpdateRun:
    """Everything that an update made, for notebooks.

    Parameters
    ----------
    summary : UpdateSummary
        A few figures.
    model : RiskModel
        The updated model; the model given where it was left as it is.
    updated : UpdatedModel
        Tests and estimates.
    """

    summary: UpdateSummary
    model: RiskModel
    updated: UpdatedModel

    def __repr__(self) -> str:
        return self.summary.to_text()

    def _repr_html_(self) -> str:
        """Show the reason, and the tests as a table, in a notebook."""
        say = html.escape
        first, *_ = self.summary.reasons
        rows = "".join(
            f"<tr><td>{say(one.step)}</td><td>{one.statistic:.2f}</td><td>{one.degrees}</td>"
            f"<td>{say(one.p_text)}</td></tr>"
            for one in self.summary.tests
        )
        return (
            f"<p><strong>{say(first)}</strong> {self.summary.persons} local persons, "
            f"{self.summary.events} of them with a long course.</p>"
            "<table><thead><tr><th>Smaller change</th><th>Likelihood ratio</th>"
            "<th>Degrees of freedom</th><th>p</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def summarise_update(updated: UpdatedModel, parent_version: str, *, alpha: float) -> UpdateSummary:
    """Return an update in a few figures, before anything is saved.

    Parameters
    ----------
    updated : UpdatedModel
        What was found.
    parent_version : str
        The model before.
    alpha : float
        Level of each test.
    """
    found = updated.update
    return UpdateSummary(
        step=found.step,
        reasons=updated.list_reasons(),
        intercept=found.intercept,
        slope=found.slope,
        theme_weights={
            theme: float(change)
            for theme, change in zip(updated.themes, found.effects, strict=True)
            if found.step == "re-estimate" and theme not in updated.dropped
        },
        tests=found.tests,
        dropped=updated.dropped,
        level_error=updated.level_error,
        alpha=alpha,
        persons=updated.n_persons,
        events=updated.n_events,
        parent_version=parent_version,
        model_version=parent_version,
    )

"""Fills the items of the evaluation report from what was computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.evaluation.figures import MetricBlock
from riskmodel.evaluation.instability import InstabilityRecord
from riskmodel.evaluation.key_indicators import KeyIndicators
from riskmodel.evaluation.leak_guards import LeakWarning
from riskmodel.evaluation.learning_curve import LearningCurve
from riskmodel.evaluation.record import EvaluationRecord
from riskmodel.evaluation.sample_size import SampleSizeJudgement
from riskmodel.report.evaluation_blocks import (
    Block,
    Item,
    Picture,
    format_estimate,
    format_figure,
)
from riskmodel.report.evaluation_catalogue import ITEM_TITLES, PARTS, SENTENCES
from riskmodel.report.evaluation_tables import (
    make_calibration_table,
    make_comparison_table,
    make_duration_table,
    make_indicator_table,
    make_instability_table,
    make_learning_table,
    make_metric_tables,
    make_net_benefit_table,
    make_sample_size_table,
)
from riskmodel.report.number_format import format_count, format_limit, format_week
from riskmodel.report.phrase_catalogue import DATA_KINDS
from riskmodel.report.phrases import one_line
from riskmodel.report.plots import (
    plot_calibration,
    plot_importance,
    plot_instability,
    plot_learning_curve,
    plot_net_benefit,
)

__all__ = ["EvaluationReport", "make_items", "say_sentence"]

FEW_EVENTS = 100


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """Everything that one evaluation report shows.

    Parameters
    ----------
    record : EvaluationRecord
        The figures.
    codebook : Codebook
        Labels of fields and levels.
    model_version : str
        Digest of the saved model.
    transfer : EvaluationRecord or None
        Sites judged by models of the other sites.
    key : KeyIndicators or None
        What carries the prediction.
    instability : InstabilityRecord or None
        How far predictions move on refitting.
    learning : LearningCurve or None
        What more cases would give.
    sample_size : SampleSizeJudgement or None
        Cases there are against cases needed.
    leaks : tuple of LeakWarning
        Suspected leaks.
    notes : mapping of str to Label
        Answers that people wrote, by number of the item; they come first in it.
    """

    record: EvaluationRecord
    codebook: Codebook
    model_version: str = "unsaved"
    transfer: EvaluationRecord | None = None
    key: KeyIndicators | None = None
    instability: InstabilityRecord | None = None
    learning: LearningCurve | None = None
    sample_size: SampleSizeJudgement | None = None
    leaks: tuple[LeakWarning, ...] = ()
    notes: Mapping[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.notes) - set(ITEM_TITLES))
        if unknown:
            msg = f"notes must name items of TRIPOD+AI such as 3a, got {unknown}."
            raise ValueError(msg)

    @property
    def data_kind(self) -> DataKind:
        """Kind of the data judged on."""
        return self.codebook.data_kind


def say_sentence(key: str, lang: Language, **values: object) -> str:
    """Return a sentence of the catalogue with its values filled in."""
    return SENTENCES[key].text(lang).format(**values)


def make_items(report: EvaluationReport, lang: Language) -> tuple[Item, ...]:
    """Return every item of TRIPOD+AI in order, those without an answer empty.

    Parameters
    ----------
    report : EvaluationReport
        What was computed.
    lang : {"da", "en"}
        Language.
    """
    filler = _Filler(report, lang)
    answers = filler.answers()
    items = []
    for number, (part, title) in ITEM_TITLES.items():
        note = report.notes.get(number)
        written: tuple[Block, ...] = () if note is None else (one_line(note.text(lang)),)
        items.append(
            Item(
                number,
                PARTS[part].text(lang),
                title.text(lang),
                (*written, *answers.get(number, ())),
            )
        )
    return tuple(items)


@dataclass(frozen=True, slots=True)
class _Filler:
    report: EvaluationReport
    lang: Language

    def answers(self) -> dict[str, list[Block]]:
        record, say = self.report.record, self.say
        cross = record.design != "new cases"
        return {
            "1": [say("title", horizon=self.horizon)],
            "2": list(self.summary()),
            "3b": [say("use")],
            "4": [say("objective_cv" if cross else "objective_new")],
            "5a": [self.source()],
            "6a": [
                say(
                    "setting",
                    n_sites=self.count(record.n_sites),
                    n_persons=self.count(record.n_persons),
                )
            ],
            "6b": [say("eligible")],
            "7": [say("poor_input")],
            "8a": [say("outcome", horizon=self.horizon, others=self.other_horizons())],
            "9b": [self.predictors()],
            "10": self.sample_size(),
            "11": [say("missing_values")],
            "12a": self.use_of_data(),
            "12b": [say("handling")],
            "12c": [say("model_kind")],
            "12d": self.transfer(),
            "12e": [say("measures", draws=record.n_bootstrap)],
            "12g": [say("computed")],
            "13": [say("imbalance")],
            "14": [say("fairness", min_cell=record.min_cell)],
            "15": [say("output")],
            "20a": [self.flow()],
            "21": self.per_horizon(),
            "22": [say("full_model", version=self.report.model_version), *self.indicators()],
            "23a": self.performance(),
            "23b": self.groups(),
            "26": self.limits(),
            "27a": [say("poor_input")],
            "27b": [say("user")],
        }

    def say(self, key: str, **values: object) -> str:
        return say_sentence(key, self.lang, **values)

    def count(self, number: int) -> str:
        return format_count(number, self.lang)

    @property
    def horizon(self) -> str:
        return format_week(self.report.record.primary_horizon, self.lang)

    def other_horizons(self) -> str:
        primary = self.report.record.primary_horizon
        others = [week for week in self.report.codebook.horizons if week != primary]
        return ", ".join(format_week(week, self.lang) for week in others) or "-"

    def source(self) -> str:
        codebook = self.report.codebook
        return self.say(
            "source",
            kind=DATA_KINDS[codebook.data_kind].text(self.lang).capitalize(),
            codebook=one_line(codebook.name),
            version=one_line(codebook.version),
        )

    def summary(self) -> list[Block]:
        head = self.report.record.headline
        span, figures = head.span, head.figures
        if span.hidden:
            return [self.say("hidden_all")]
        return [
            self.say(
                "auc",
                auc=format_estimate(figures["auc"], self.lang),
                horizon=self.horizon,
                share=format_limit(round(span.event_share, 3), self.lang),
                n=self.count(span.n_rows),
                events=self.count(span.n_events),
                persons=self.count(span.n_persons),
            ),
            self.say(
                "brier",
                brier=format_estimate(figures["brier"], self.lang, 4),
                base=format_figure(figures["base_rate_brier"].value, self.lang, 4),
            ),
        ]

    def predictors(self) -> str:
        fields = self.report.codebook.indicators
        names = ", ".join(one_line(one.label.text(self.lang)) for one in fields)
        return self.say("predictors", n=len(fields), names=names)

    def sample_size(self) -> list[Block]:
        found: list[Block] = []
        one = self.report.sample_size
        if one is not None:
            verdict = self.say("enough" if one.enough else "not_enough")
            found.append(
                self.say(
                    "sample",
                    auc=format_figure(one.foreseen_auc, self.lang, 2),
                    n=self.count(one.n_persons),
                    needed=self.count(one.needed),
                    verdict=verdict,
                )
            )
            found.append(make_sample_size_table(one, self.say("c_sample"), self.lang))
        return found + self.learning()

    def learning(self) -> list[Block]:
        curve = self.report.learning
        if curve is None:
            return []
        caption = self.say("c_learning", horizon=self.horizon)
        found: list[Block] = []
        if {"50", "200", "500"} <= set(curve.gain):
            gains = {
                f"gain{extra}": format_estimate(curve.gain[extra], self.lang, 4)
                for extra in ("50", "200", "500")
            }
            found.append(self.say("learning", **gains))
        picture = Picture(plot_learning_curve(curve, self.lang), caption)
        return [*found, picture, make_learning_table(curve, caption, self.lang)]

    def use_of_data(self) -> list[Block]:
        keys = {
            "cross-validation": "use_cv",
            "transfer between sites": "use_transfer",
            "new cases": "use_new",
        }
        return [self.say(keys[self.report.record.design])]

    def transfer(self) -> list[Block]:
        other = self.report.transfer
        if other is None:
            return []
        caption = self.say("c_transfer", horizon=self.horizon)
        blocks = self.blocks(other, "site") or self.blocks(other, "all")
        tables = make_metric_tables(blocks, caption, "site", self.lang, {})
        return [self.say("use_transfer"), *tables]

    def flow(self) -> str:
        record = self.report.record
        return self.say(
            "flow",
            n=self.count(record.n_rows),
            persons=self.count(record.n_persons),
            not_scored=self.small(record.n_not_scored),
            unknown=self.small(record.n_unknown),
            horizon=self.horizon,
        )

    def small(self, number: int) -> str:
        least = self.report.record.min_cell
        if 0 < number < least:
            return f"under {least}" if self.lang == "da" else f"fewer than {least}"
        return self.count(number)

    def per_horizon(self) -> list[Block]:
        blocks = [
            one
            for one in self.report.record.blocks
            if one.predictor == "model" and one.span.family == "all"
        ]
        caption = self.say("c_overall")
        return [*make_metric_tables(blocks, caption, "horizon", self.lang, {})]

    def blocks(self, record: EvaluationRecord, family: str) -> list[MetricBlock]:
        return [
            one
            for one in record.blocks
            if one.predictor == "model"
            and one.span.family == family
            and one.span.horizon_weeks == record.primary_horizon
        ]

    def performance(self) -> list[Block]:
        report, record, lang = self.report, self.report.record, self.lang
        found: list[Block] = list(self.summary())
        found += [f"{self.say('leak')} {one.text.text(lang)}" for one in report.leaks]
        n = self.count(record.headline.span.n_rows)
        if record.calibration is not None:
            caption = self.say("c_calibration", horizon=self.horizon, n=n)
            found.append(Picture(plot_calibration(record.calibration, lang), caption))
            found.append(make_calibration_table(record, caption, lang))
        if record.net_benefit is not None:
            caption = self.say("c_net_benefit", horizon=self.horizon, n=n)
            found.append(Picture(plot_net_benefit(record.net_benefit, lang), caption))
            found.append(make_net_benefit_table(record, caption, lang))
        if record.comparisons:
            caption = self.say("c_comparison", horizon=self.horizon, n=n)
            found.append(make_comparison_table(record, caption, lang))
        price = record.price_of_transparency
        if price is not None:
            found.append(self.say("price", brier=format_estimate(price.brier, lang, 4)))
        if not record.duration.span.hidden:
            n_ended = self.count(record.duration.span.n_events)
            caption = self.say("c_duration", n=n_ended)
            found.append(make_duration_table(record, caption, lang))
        return found + self.instability()

    def instability(self) -> list[Block]:
        one = self.report.instability
        if one is None:
            return []
        caption = self.say("c_instability", n=self.count(one.n_rows))
        text = self.say(
            "instability",
            mape=format_limit(round(one.mape, 3), self.lang),
            mape_90=format_limit(round(one.mape_90, 3), self.lang),
            n=self.count(one.n_rows),
            refits=one.n_refits,
        )
        picture = Picture(plot_instability(one, self.lang), caption)
        return [text, picture, make_instability_table(one, caption, self.lang)]

    def groups(self) -> list[Block]:
        record = self.report.record
        found: list[Block] = []
        for family in ("landmark", "site"):
            blocks = self.blocks(record, family)
            if blocks:
                caption = self.say(f"c_{family}", horizon=self.horizon)
                found += make_metric_tables(blocks, caption, family, self.lang, {})
        by_field: dict[str, list[MetricBlock]] = {}
        for one in self.blocks(record, "group"):
            by_field.setdefault(one.span.field, []).append(one)
        for name, blocks in by_field.items():
            asked = self.report.codebook.find_field(name)
            levels = {level.value: level.label for level in asked.levels}
            label = one_line(asked.label.text(self.lang))
            caption = self.say("c_group", field=label, horizon=self.horizon)
            found += make_metric_tables(blocks, caption, "group", self.lang, levels)
        return found

    def indicators(self) -> list[Block]:
        key = self.report.key
        if key is None:
            return []
        labels = {one.name: one.label for one in self.report.codebook.indicators}
        caption = self.say("c_indicators", n=self.count(key.n_rows), refits=key.n_refits)
        picture = Picture(plot_importance(key, labels, self.lang), caption)
        return [picture, make_indicator_table(key, labels, caption, self.lang)]

    def limits(self) -> list[Block]:
        span = self.report.record.headline.span
        conditions: list[tuple[str, Callable[[], bool]]] = [
            ("limits_synthetic", lambda: self.report.data_kind == "synthetic"),
            ("limits_few", lambda: min(span.n_events, span.n_rows - span.n_events) < FEW_EVENTS),
            ("limits_refits", lambda: True),
        ]
        return [self.say(key) for key, holds in conditions if holds()]

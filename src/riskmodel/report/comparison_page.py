"""A new model beside the current one, as one HTML page and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from riskmodel.domain.codebook import Codebook, DataKind
from riskmodel.domain.labels import Label, Language
from riskmodel.domain.small_cells import MIN_CELL
from riskmodel.evaluation.figures import Estimate, to_mapping
from riskmodel.evaluation.model_change import IndicatorShift, MetricChange, ModelChange
from riskmodel.report.evaluation_blocks import format_estimate, format_share
from riskmodel.report.number_format import format_count, format_weeks
from riskmodel.report.phrases import one_line, say
from riskmodel.report.table_page import Heading, Part, Table, render_table_page
from riskmodel.visitation.tier_change import TierChange, WorkChange

__all__ = [
    "COMPARISON_FORMAT",
    "ComparisonReport",
    "describe_comparison",
    "render_comparison",
    "tell_comparison",
]

COMPARISON_FORMAT: Final = "riskmodel.comparison/1"
SHOWN_INDICATORS: Final = 12
_DIGITS: Final = {"auc": 3, "brier": 4, "calibration_slope": 2}

_WORDS: Final[Mapping[str, Label]] = {
    "title": Label("Ny model og nuværende model", "New model and current model"),
    "context": Label(
        "Ny: {new} · nuværende: {current}",
        "New: {new} · current: {current}",
    ),
    "h_short": Label("Kort", "In short"),
    "h_metrics": Label("Hvor godt forudsiger de?", "How well do they foretell?"),
    "h_tiers": Label("Hvem skifter tilbud?", "Who changes tier?"),
    "h_work": Label("Hvad betyder det for arbejdet?", "What does it ask of the staff?"),
    "h_why": Label("Hvilke oplysninger vejer anderledes?", "Which facts weigh differently?"),
    "rows": Label(
        "Samme {rows} vurderinger af {persons} borgere er regnet med begge modeller. "
        "{events} af dem varede over {weeks}.",
        "The same {rows} assessments of {persons} persons were worked out with both models. "
        "{events} of them lasted beyond {weeks}.",
    ),
    "few": Label(
        "For få sager: der vises ingen tal, når færre end {least} borgere har et langt eller et "
        "kort forløb.",
        "Too few cases: no figures are shown where fewer than {least} persons have a long or a "
        "short course.",
    ),
    "held_out": Label(
        "Den nye models tal er beregnet af modeller, der ikke havde set borgeren.",
        "The new model's figures come from models that had not seen the person.",
    ),
    "seen_all": Label(
        "Den nuværende model er trænet på netop disse sager. Dens tal ser derfor bedre ud, end de "
        "er. En forskel til fordel for den nye model er reel; en forskel imod den behøver ikke "
        "være det.",
        "The current model was trained on these very cases, so its figures look better than they "
        "are. A difference in favour of the new model is real; one against it need not be.",
    ),
    "seen_not_known": Label(
        "Den nuværende model kan være trænet på nogle af disse sager. Så ser dens tal bedre ud, "
        "end de er. En model gemmer intet spor af en borger, så det kan ikke ses her.",
        "The current model may have been trained on some of these cases, and its figures then "
        "look better than they are. A model keeps no trace of a person, so it cannot be seen here.",
    ),
    "interval": Label(
        "Parentesen er et 95 %-interval. Begge modeller er prøvet på de samme {draws} udtræk af "
        "borgere.",
        "Brackets hold a 95% interval. Both models were judged on the same {draws} draws of "
        "persons.",
    ),
    "metric": Label("Mål", "Metric"),
    "current": Label("Nuværende", "Current"),
    "new": Label("Ny", "New"),
    "difference": Label("Ny minus nuværende", "New minus current"),
    "auc": Label("AUC (højere er bedre)", "AUC (higher is better)"),
    "brier": Label("Brier-score (lavere er bedre)", "Brier score (lower is better)"),
    "calibration_slope": Label(
        "Kalibreringshældning (1 er bedst)", "Calibration slope (1 is best)"
    ),
    "better": Label("{name}: den nye model er bedre.", "{name}: the new model is better."),
    "worse": Label("{name}: den nye model er dårligere.", "{name}: the new model is worse."),
    "unsure": Label(
        "{name}: forskellen er ikke større end usikkerheden.",
        "{name}: the difference is within its uncertainty.",
    ),
    "short_auc": Label("AUC", "AUC"),
    "short_brier": Label("Brier-score", "Brier score"),
    "no_policy": Label(
        "Der er ikke valgt regler (--policy), så det er ikke regnet ud, hvem der skifter tilbud.",
        "No policy was given (--policy), so who changes tier was not worked out.",
    ),
    "tiers_how": Label(
        "{cases} sager af {persons} borgere, hver ved sin første vurdering, efter reglerne "
        "{policy}. Den nye models usikkerhed er den gemte models.",
        "{cases} cases of {persons} persons, each at its first assessment, under policy "
        "{policy}. The new model's uncertainty is that of the saved model.",
    ),
    "changed": Label("Andel, der skifter tilbud: {share}.", "Share that changes tier: {share}."),
    "moves": Label("Sager efter tilbud: nuværende model ned, ny model hen",
                   "Cases by tier: current model down, new model across"),
    "from": Label("Nuværende", "Current"),
    "hidden": Label("for få", "too few"),
    "hidden_note": Label(
        "»For få« står for færre end {least} borgere, eller for et tal, der ville røbe et andet.",
        "\"Too few\" stands for fewer than {least} persons, or a count that would give another "
        "away.",
    ),
    "work": Label("Arbejde om ugen", "Work a week"),
    "talks": Label("Samtaler", "Talks"),
    "hours": Label("Timer", "Hours"),
    "work_how": Label(
        "Regnet for de sager, et år bringer, med reglernes samtaler. Intervallet rummer, hvilke "
        "borgere der tilfældigvis er i tallene, og hvor mange sager et år bringer.",
        "Worked out for the cases that a year brings, with the talks of the policy. The interval "
        "holds which persons happen to be in the figures and how many cases a year brings.",
    ),
    "fact": Label("Oplysning", "Fact"),
    "moved": Label("Flytning i procentpoint", "Movement in percentage points"),
    "moves_most": Label("Hver oplysnings træk, gennemsnitlig flytning op eller ned",
                        "Pull of each fact, mean movement up or down"),
    "why_how": Label(
        "Gennemsnit over de samme vurderinger af, hvor meget hver oplysnings træk er anderledes i "
        "den nye model. Risikoen selv flytter sig {moved} procentpoint i gennemsnit.",
        "Mean over the same assessments of how different the pull of each fact is in the new "
        "model. The risk itself moves by {moved} percentage points on average.",
    ),
    "rest": Label("De øvrige {count} oplysninger flytter sig mindre.",
                  "The other {count} facts move less."),
    "only_new": Label("{name} (kun i den nye)", "{name} (in the new one only)"),
    "only_current": Label("{name} (kun i den nuværende)", "{name} (in the current one only)"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """Everything that a comparison of two models tells.

    Parameters
    ----------
    change : ModelChange
        Figures and contributions.
    tiers : TierChange or None
        Tiers and work; None where there is no policy.
    labels : mapping of str to Label
        What indicators are called, those of both models.
    tier_labels : mapping of str to Label
        What tiers are called.
    data_kind : {"synthetic", "public", "case_records"}
        Kind of the cases.
    """

    change: ModelChange
    tiers: TierChange | None
    labels: Mapping[str, Label]
    tier_labels: Mapping[str, Label]
    data_kind: DataKind

    @classmethod
    def label(cls, *codebooks: Codebook) -> dict[str, Label]:
        """Return what the indicators of some codebooks are called; the first one wins."""
        found: dict[str, Label] = {}
        for codebook in codebooks:
            for one in codebook.indicators:
                found.setdefault(one.name, one.label)
        return found


def describe_comparison(report: ComparisonReport) -> dict[str, Any]:
    """Return a comparison as plain JSON values; what is hidden is None."""
    return {
        "format": COMPARISON_FORMAT,
        "data_kind": report.data_kind,
        "interval": 0.95,
        "change": to_mapping(report.change),
        "tiers": None if report.tiers is None else to_mapping(report.tiers),
    }


def render_comparison(report: ComparisonReport, lang: Language) -> str:
    """Return a comparison as an HTML page.

    Parameters
    ----------
    report : ComparisonReport
        What was worked out.
    lang : {"da", "en"}
        Language.
    """
    synthetic = report.data_kind == "synthetic"
    change = report.change
    return render_table_page(
        _word("title", lang),
        _word("context", lang, new=change.new_version, current=change.current_version),
        (
            _tell_short(report, lang),
            _tell_metrics(change, lang),
            *_tell_tiers(report, lang),
            *_tell_indicators(report, lang),
        ),
        lang,
        mark=say("synthetic_mark", lang) if synthetic else "",
        warning=say("synthetic", lang),
    )


def tell_comparison(report: ComparisonReport, lang: Language = "en") -> tuple[str, ...]:
    """Return the comparison in a few lines for a terminal."""
    change = report.change
    if change.span.hidden:
        return (_word("few", lang, least=MIN_CELL),)
    lines = [
        f"{_word(one.name, lang)}: {_word('difference', lang).lower()} "
        f"{format_estimate(one.difference, lang, _DIGITS[one.name])}"
        for one in change.metrics
    ]
    if report.tiers is not None:
        share = format_share(report.tiers.changed_share, lang)
        lines.append(_word("changed", lang, share=share))
        for key, one in (("talks", report.tiers.talks), ("hours", report.tiers.hours)):
            gap = format_estimate(one.difference, lang, 1)
            lines.append(f"{_word('work', lang)}, {_word(key, lang).lower()}: {gap}")
    return (*lines, _word(f"seen_{change.seen_by_current}", lang))


def _word(key: str, lang: Language, **values: object) -> str:
    return _WORDS[key].text(lang).format(**values)


def _tell_short(report: ComparisonReport, lang: Language) -> Part:
    change = report.change
    lines = [_verdict(one, lang) for one in change.metrics if one.name != "calibration_slope"]
    if report.tiers is not None:
        lines.append(_word("changed", lang, share=format_share(report.tiers.changed_share, lang)))
    lines += [_word("held_out", lang), _word(f"seen_{change.seen_by_current}", lang)]
    return Part(_word("h_short", lang), tuple(lines), kind="headline")


def _verdict(one: MetricChange, lang: Language) -> str:
    """Say whether a metric is surely better, surely worse, or neither."""
    sign = -1.0 if one.name == "brier" else 1.0
    ends = sorted((sign * one.difference.low, sign * one.difference.high))
    key = "better" if ends[0] > 0 else "worse" if ends[1] < 0 else "unsure"
    return _word(key, lang, name=_word(f"short_{one.name}", lang))


def _tell_metrics(change: ModelChange, lang: Language) -> Part:
    span = change.span
    if span.hidden:
        return Part(_word("h_metrics", lang), (_word("few", lang, least=MIN_CELL),))
    about = _word(
        "rows",
        lang,
        rows=format_count(span.n_rows, lang),
        persons=format_count(span.n_persons, lang),
        events=format_count(span.n_events, lang),
        weeks=format_weeks(span.horizon_weeks, lang),
    )
    rows = tuple(
        (
            _word(one.name, lang),
            *_estimates((one.current, one.new, one.difference), lang, _DIGITS[one.name]),
        )
        for one in change.metrics
    )
    table = Table(_word("h_metrics", lang), _heads("metric", lang), rows)
    draws = _word("interval", lang, draws=format_count(change.n_draws, lang))
    return Part(_word("h_metrics", lang), (about,), (table,), (draws,))


def _heads(first: str, lang: Language) -> tuple[Heading, ...]:
    numbers = ("current", "new", "difference")
    return (
        Heading(_word(first, lang)),
        *(Heading(_word(key, lang), number=True) for key in numbers),
    )


def _estimates(ones: tuple[Estimate, ...], lang: Language, digits: int) -> tuple[str, ...]:
    return tuple(format_estimate(one, lang, digits) for one in ones)


def _tell_tiers(report: ComparisonReport, lang: Language) -> tuple[Part, ...]:
    found = report.tiers
    if found is None:
        return (Part(_word("h_tiers", lang), (_word("no_policy", lang),)),)
    names = [one_line(report.tier_labels[one].text(lang)) for one in found.tier_ids]
    rows = tuple(
        (name, *(_word("hidden", lang) if one is None else format_count(one, lang) for one in row))
        for name, row in zip(names, found.moved, strict=True)
    )
    head = (Heading(_word("from", lang)), *(Heading(name, number=True) for name in names))
    how = _word(
        "tiers_how",
        lang,
        cases=format_count(found.n_cases, lang),
        persons=format_count(found.n_persons, lang),
        policy=one_line(found.policy_version),
    )
    moves = Part(
        _word("h_tiers", lang),
        (how, _word("changed", lang, share=format_share(found.changed_share, lang))),
        (Table(_word("moves", lang), head, rows),),
        (_word("hidden_note", lang, least=MIN_CELL),),
    )
    work = Part(
        _word("h_work", lang),
        (_word("work_how", lang),),
        (
            Table(
                _word("work", lang),
                _heads("work", lang),
                (_work_row("talks", found.talks, lang), _work_row("hours", found.hours, lang)),
            ),
        ),
    )
    return moves, work


def _work_row(key: str, one: WorkChange, lang: Language) -> tuple[str, ...]:
    return (_word(key, lang), *_estimates((one.current, one.new, one.difference), lang, 1))


def _tell_indicators(report: ComparisonReport, lang: Language) -> tuple[Part, ...]:
    change = report.change
    if not change.indicators:
        return ()
    shown, rest = change.indicators[:SHOWN_INDICATORS], change.indicators[SHOWN_INDICATORS:]
    rows = tuple((_name(one, report, lang), format_estimate(one.moved, lang, 1)) for one in shown)
    head = (Heading(_word("fact", lang)), Heading(_word("moved", lang), number=True))
    how = _word("why_how", lang, moved=format_estimate(change.risk_moved, lang, 1))
    notes = (_word("rest", lang, count=len(rest)),) if rest else ()
    table = Table(_word("moves_most", lang), head, rows)
    return (Part(_word("h_why", lang), (how,), (table,), notes),)


def _name(one: IndicatorShift, report: ComparisonReport, lang: Language) -> str:
    name = one_line(report.labels[one.field].text(lang))
    return name if one.known_to == "both" else _word(f"only_{one.known_to}", lang, name=name)

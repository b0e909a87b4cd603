"""Captions of the evaluation report's tables and pictures, and the words of its summary."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label

__all__ = ["CAPTIONS", "GRADES", "QUESTIONS", "WARNINGS"]

CAPTIONS: Final[dict[str, Label]] = {
    "few_fields": Label(
        "En model med kun {names} har AUC {auc} og Brier-score {brier} og beholder {share} af "
        "gevinsten over ugens andel. Felterne er valgt på de samme sager, så tallet er lidt for "
        "pænt.",
        "A model of {names} only has AUC {auc} and Brier score {brier} and keeps {share} of the "
        "gain over the week's share. The fields were chosen on the same cases, so the figure "
        "flatters a little.",
    ),
    "c_overall": Label("Pr. horisont, alle vurderinger", "By horizon, all assessments"),
    "c_landmark": Label(
        "Pr. uge for vurderingen, ved {horizon} uger", "By assessed week, at {horizon} weeks"
    ),
    "c_site": Label("Pr. kommune, ved {horizon} uger", "By site, at {horizon} weeks"),
    "c_transfer": Label(
        "Pr. kommune, trænet på de andre, ved {horizon} uger",
        "By site, trained on the others, at {horizon} weeks",
    ),
    "c_group": Label("{field}, ved {horizon} uger", "{field}, at {horizon} weeks"),
    "c_comparison": Label(
        "De samme {n} vurderinger ved {horizon} uger; parrede intervaller",
        "The same {n} assessments at {horizon} weeks; paired intervals",
    ),
    "c_calibration": Label(
        "Udjævnet kalibrering ved {horizon} uger, {n} vurderinger",
        "Smooth calibration at {horizon} weeks, {n} assessments",
    ),
    "c_net_benefit": Label(
        "Nettogevinst ved {horizon} uger, {n} vurderinger",
        "Net benefit at {horizon} weeks, {n} assessments",
    ),
    "c_duration": Label("Forventet varighed", "Expected duration"),
    "c_endings": Label(
        "Hvad forløbene endte med, {n} vurderinger {landmark}",
        "How the courses ended, {n} assessments {landmark}",
    ),
    "c_all_endings": Label(
        "Hvad forløbene endte med, efter uge for vurderingen",
        "How the courses ended, by assessed week",
    ),
    "c_indicators": Label(
        "Nøgleindikatorer, {n} vurderinger, {refits} omregninger",
        "Key indicators, {n} assessments, {refits} refits",
    ),
    "permuted": Label(
        "Prisen på at undvære en indikator er fundet ved at bytte dens værdier rundt mellem sager, "
        "som omregningen ikke så{some}. Indikatorer, der fortæller det samme, kan træde i stedet "
        "for hinanden.",
        "The price of doing without an indicator was found by permuting its values among cases "
        "that the refit did not see{some}. Indicators that tell the same can stand in for each "
        "other.",
    ),
    "permuted_some": Label(
        "; hvor der står *, ved at regne hele opskriften om uden den",
        "; where there is a *, by working the whole recipe out without it",
    ),
    "c_learning": Label("Læringskurve ved {horizon} uger", "Learning curve at {horizon} weeks"),
    "c_instability": Label("Ustabilitet, {n} vurderinger", "Instability, {n} assessments"),
    "c_sample": Label("Antal personer mod Rileys krav", "Persons against Riley's criteria"),
    "c_cases": Label(
        "Indikatorerne hos {n} vurderinger af {persons} personer, afrundet",
        "The indicators of {n} assessments of {persons} persons, rounded",
    ),
    "question": Label("Spørgsmål", "Question"),
    "figure": Label("Tal", "Figure"),
    "bar": Label("Målestok", "Measure"),
    "verdict": Label("Vurdering", "Verdict"),
    "c_recipe": Label("Opskriftens valg og indstillinger", "Choices and settings of the recipe"),
}

GRADES: Final[dict[str, Label]] = {
    "good": Label("i orden", "in order"),
    "doubtful": Label("tvivlsomt", "doubtful"),
    "poor": Label("ikke i orden", "not in order"),
}

# Question, figure and bar of each verdict.
QUESTIONS: Final[dict[str, tuple[Label, Label, Label]]] = {
    "sample_size": (
        Label("Er der sager nok?", "Are there cases enough?"),
        Label("{value} personer", "{value} persons"),
        Label("{against} efter Rileys krav", "{against} by Riley's criteria"),
    ),
    "auc": (
        Label("Kan modellen skelne lange forløb fra korte?", "Can the model tell long from short?"),
        Label(
            "AUC {value} ved {horizon} uger, alle vurderinger, {share} lange",
            "AUC {value} at {horizon} weeks, all assessments, {share} long",
        ),
        Label(
            "sikkert over 0,5, som er et gæt; offentliggjorte modeller når 0,65 til 0,79",
            "surely above 0.5, a guess; published models reach 0.65 to 0.79",
        ),
    ),
    "base_rate": (
        Label(
            "Er den bedre end at sige ugens andel til alle?",
            "Is it better than saying the week's share for all?",
        ),
        Label(
            "Brier-score {own} mod {against}; forskel {value}",
            "Brier score {own} against {against}; difference {value}",
        ),
        Label("forskellen sikkert over 0", "difference surely above 0"),
    ),
    "simplest": (
        Label(
            "Er den bedre end den enkleste regel ({field})?",
            "Is it better than the simplest rule ({field})?",
        ),
        Label(
            "Brier-score {own} mod {against}; forskel {value}",
            "Brier score {own} against {against}; difference {value}",
        ),
        Label("forskellen sikkert over 0", "difference surely above 0"),
    ),
    "observed_expected": (
        Label("Passer risiciene i gennemsnit?", "Are the risks right on average?"),
        Label(
            "{value} gange så mange lange forløb som forudsagt",
            "{value} times as many long courses as foretold",
        ),
        Label(
            "0,9 til 1,1, og sikkert mellem 0,8 og 1,25", "0.9 to 1.1, surely within 0.8 to 1.25"
        ),
    ),
    "calibration_slope": (
        Label(
            "Er risiciene hverken for yderlige eller for forsigtige?",
            "Are the risks neither too extreme nor too cautious?",
        ),
        Label("kalibreringshældning {value}", "calibration slope {value}"),
        Label(
            "0,9 til 1,1, og sikkert mellem 0,7 og 1,4; lavere er for yderlige",
            "0.9 to 1.1, surely within 0.7 to 1.4; lower means too extreme",
        ),
    ),
    "challenger": (
        Label("Koster gennemsigtigheden noget?", "Does transparency cost anything?"),
        Label(
            "udfordrerens Brier-score {against}; forskel {value}",
            "the challenger's Brier score {against}; difference {value}",
        ),
        Label("forskellen ikke under 0", "difference not below 0"),
    ),
    "transfer": (
        Label(
            "Holder den i kommuner, den ikke er trænet på?",
            "Does it hold at sites it was not trained on?",
        ),
        Label(
            "Brier-score {own} mod {against} for ugens andel; forskel {value}",
            "Brier score {own} against {against} for the week's share; difference {value}",
        ),
        Label("forskellen sikkert over 0", "difference surely above 0"),
    ),
    "interval_coverage": (
        Label(
            "Rammer varighedens 80 %-interval så ofte, som det siger?",
            "Does the 80% interval of the duration hold as often as it says?",
        ),
        Label("rammer {value} af gangene", "holds {value} of the time"),
        Label(
            "75 % til 85 %, og sikkert mellem 70 % og 90 %", "75% to 85%, surely within 70% to 90%"
        ),
    ),
    "median_error": (
        Label(
            "Er den forventede varighed bedre end medianen for ugen?",
            "Is the expected duration better than the week's median?",
        ),
        Label(
            "for halvdelen er den højst {value} uger forkert; medianen højst {against}",
            "for half of them wrong by at most {value} weeks; the median by {against}",
        ),
        Label("lavere end medianens", "lower than the median's"),
    ),
    "instability": (
        Label("Er den enkelte risiko stabil?", "Is each risk stable?"),
        Label(
            "flytter sig {value} procentpoint ved omregning",
            "moves {value} percentage points on refitting",
        ),
        Label("højst 5 procentpoint", "at most 5 percentage points"),
    ),
}

WARNINGS: Final[dict[str, Label]] = {
    "synthetic": Label(
        "trænet på opdigtede sager: kun til at prøve programmet af med, aldrig til en rigtig sag",
        "trained on synthetic cases: for trying out only, never for a real case",
    ),
    "left_out": Label(
        "{left} af {n} vurderinger har ingen tal: uden deres del af sagerne var der for få lange "
        "eller korte forløb at lære af",
        "{left} of {n} assessments have no held-out figures: without their fold there were too few "
        "long or short courses to learn from",
    ),
    "useless": Label(
        "klarer sig ikke bedre end at sige ugens andel af lange forløb til alle: brug ikke "
        "modellen",
        "no better on held-out cases than the share of long courses for the assessed week: do not "
        "use this model",
    ),
    "far_too_few": Label(
        "KUN {n} PERSONER, {events} af dem med et langt forløb: intet tal her viser, om modellen "
        "duer, og den må ikke bruges på nogen rigtig sag; den kan bruges til at afprøve skemaer og "
        "arbejdsgange; der skal {needed} personer til",
        "ONLY {n} PERSONS, {events} of them with a long course: no figure here shows whether the "
        "model is any good, and it must not be used on any real case; it serves to try out forms "
        "and procedures; {needed} persons are needed",
    ),
    "far_too_few_of_one_kind": Label(
        "KUN {n} PERSONER, og så få med et langt eller et kort forløb, at antallet ikke vises: "
        "intet tal her viser, om modellen duer, og den må ikke bruges på nogen rigtig sag; den kan "
        "bruges til at afprøve skemaer og arbejdsgange; der skal mindst {needed} personer til",
        "ONLY {n} PERSONS, and so few with a long or a short course that the number is not shown: "
        "no figure here shows whether the model is any good, and it must not be used on any real "
        "case; it serves to try out forms and procedures; at least {needed} persons are needed",
    ),
    "too_few": Label(
        "{n} personer; der skal {needed} til for {parameters} parametre ved en AUC på {auc} "
        "(Rileys krav): scoren er trukket ind mod gennemsnittet, og dens intervaller er brede",
        "{n} persons; {needed} would be needed for {parameters} parameters at an AUC of {auc} "
        "(Riley's criteria): the score is shrunk accordingly, and its intervals are wide",
    ),
    "one_kind": Label(
        "alle personer har samme udfald ved deres første vurdering: der er intet at måle på, og "
        "modellen må ikke bruges på nogen rigtig sag",
        "all persons have the same state at their first assessment: there is nothing to measure, "
        "and the model must not be used on any real case",
    ),
}

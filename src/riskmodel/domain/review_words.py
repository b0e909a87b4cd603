"""Words of the review form, in both languages."""

from __future__ import annotations

from typing import Final

from riskmodel.domain.labels import Label, Language

__all__ = [
    "DECISION_GUIDE",
    "GUIDE",
    "PACKET_LABELS",
    "REVIEW_WORDS",
    "THEMES",
    "name_theme",
    "word",
]

PACKET_LABELS: Final[dict[str, Label]] = {
    "intake": Label(da="P1 Opstart", en="P1 Intake"),
    "later": Label(da="P2 Senere uger", en="P2 Later weeks"),
    "outcome": Label(da="P3 Udfald", en="P3 Outcome"),
}

THEMES: Final[dict[str, Label]] = {
    "expected_duration": Label(da="Forventet varighed", en="Expected duration"),
    "function_level": Label(da="Funktionsniveau", en="Function level"),
    "diagnosis": Label(da="Diagnose", en="Diagnosis"),
    "treatment": Label(da="Behandling", en="Treatment"),
    "employer_involvement": Label(da="Arbejdsgiver", en="Employer involvement"),
    "work": Label(da="Arbejde", en="Work"),
    "history": Label(da="Tidligere forløb", en="Earlier courses"),
    "circumstances": Label(da="Livsforhold", en="Circumstances"),
    "procedure": Label(da="Sagsgang", en="Procedure"),
    "background": Label(da="Baggrund", en="Background"),
    "closure": Label(da="Afslutning", en="Closure"),
    "own_judgement": Label(da="Eget skøn", en="Own judgement"),
    "lock": Label(da="Lås pakken", en="Lock the packet"),
    "other": Label(da="Andet", en="Other"),
}

REVIEW_WORDS: Final[dict[str, Label]] = {
    "guide": Label(da="Vejledning", en="Guide"),
    "lists": Label(da="Lister", en="Lists"),
    "case": Label(da="Sag", en="Case"),
    "site": Label(da="Kommune", en="Municipality"),
    "not_stated": Label(da="ikke oplyst", en="not stated"),
    "not_applicable": Label(da="ikke relevant", en="not applicable"),
    "missing": Label(da="mangler ({code})", en="missing ({code})"),
    "estimate": Label(
        da="Eget skøn: risiko for mere end {weeks:g} uger",
        en="Own estimate: risk of more than {weeks:g} weeks",
    ),
    "estimate_ask": Label(
        da="Skriv dit eget skøn fra 0 til 100 procent, før du åbner næste pakke. Ret det ikke.",
        en="Write your own estimate, 0 to 100 percent, before the next packet. Do not change it.",
    ),
    "would_offer": Label(da="Ville du tilbyde kontakt?", en="Would you offer contact?"),
    "would_offer_ask": Label(
        da="Svar ud fra det, du har læst indtil nu, og før du åbner næste pakke.",
        en="Answer from what you have read so far, before you open the next packet.",
    ),
    "still": Label(
        da="Fortsat sygemeldt i uge {week:g}?", en="Still sick-listed in week {week:g}?"
    ),
    "still_ask": Label(
        da="Svar nej, hvis forløbet var slut; så er resten af rækken tom.",
        en="Answer no where the course had ended; then leave the rest of the row empty.",
    ),
    "locked": Label(da="Pakken låst (dato)", en="Packet locked (date)"),
    "locked_ask": Label(
        da="Skriv datoen, når pakken er færdig. Herefter rettes den ikke.",
        en="Write the date when the packet is done. It is not changed after that.",
    ),
    "duration": Label(da="Varighed i uger", en="Duration in weeks"),
    "ended": Label(da="Afsluttet", en="Ended"),
    "end_reason": Label(da="Ophørsårsag", en="Reason of ending"),
    "from_to": Label(da="{low:g} til {high:g} {unit}", en="{low:g} to {high:g} {unit}"),
    "choose": Label(da="vælg på listen", en="choose from the list"),
    "date": Label(da="dato, dd-mm-åååå", en="date, dd-mm-yyyy"),
    "wrong": Label(da="Ugyldigt svar", en="Not a valid answer"),
    "week": Label(da="(ugens nummer)", en="(number of the week)"),
    "weeks": Label(da="uger", en="weeks"),
    "days": Label(da="dage", en="days"),
    "years": Label(da="år", en="years"),
    "look_up": Label(
        da="Se efter i sagens dokumenter. Rådgiverens vejledning: {ask}",
        en="Look in the documents of the case. The adviser's guidance: {ask}",
    ),
    "percent": Label(da="procent", en="percent"),
    "disagreements": Label(da="Uenigheder", en="Disagreements"),
    "packet": Label(da="Pakke", en="Packet"),
    "question": Label(da="Spørgsmål", en="Question"),
    "decision": Label(da="Endeligt svar", en="Final answer"),
    "field": Label(da="Felt", en="Field"),
    "none": Label(da="(intet svar)", en="(no answer)"),
    "reviewer": Label(da="Læser", en="Reviewer"),
    "codebook": Label(da="Kodebog", en="Codebook"),
    "form": Label(da="Skemaets kode", en="Form code"),
    "n": Label(da="Antal rækker", en="Number of rows"),
}

GUIDE: Final[tuple[Label, ...]] = (
    Label(
        da="Læs én sag ad gangen, og tag pakkerne i rækkefølge: P1, P2, P3. Åbn først den næste "
        "pakke, når du har skrevet dit eget skøn og datoen.",
        en="Read one case at a time and the packets in order: P1, P2, P3. Open the next packet "
        "only when own estimate and date are written.",
    ),
    Label(
        da="P1: kun dokumenter fra de første 45 dage. P2: dokumenter til og med uge {week:g}. "
        "P3: hvordan sagen sluttede.",
        en="P1: only documents of the first 45 days. P2: documents up to week {week:g}. "
        "P3: how the case ended.",
    ),
    Label(
        da="Svar ud fra det, der står i dokumenterne. Står svaret der ikke, så vælg »ikke oplyst« "
        "(i talfelter: {not_stated}). Giver spørgsmålet ikke mening i sagen, så vælg »ikke "
        "relevant« (i talfelter: {not_applicable}).",
        en="Answer by what the documents say. If they do not say: choose »not stated« (in number "
        "cells {not_stated}). If the question makes no sense: choose »not applicable« (in number "
        "cells {not_applicable}).",
    ),
    Label(
        da="Skriv aldrig CPR-numre, navne eller fri tekst, heller ikke som kommentarer til celler.",
        en="Never write CPR numbers, names or free text, nor in comments on cells.",
    ),
    Label(
        da="Tal ikke med den anden læser om en sag, før I begge har låst alle tre pakker i den.",
        en="Do not talk to the other reviewer about a case until both have locked all packets.",
    ),
    Label(
        da="Begge læseres svar gemmes. Hvor I er uenige, afgør en tredje person svaret.",
        en="Both of your answers are kept. Disagreements are settled by a third person.",
    ),
)

DECISION_GUIDE: Final[tuple[Label, ...]] = (
    Label(
        da="Arket viser de spørgsmål, som de to læsere har svaret forskelligt på. Læs sagens "
        "dokumenter, og skriv det rigtige svar i kolonnen Endeligt svar.",
        en="The sheet shows the questions that the two reviewers answered differently. Read the "
        "documents of the case, and write the right one in the column Final answer.",
    ),
    Label(
        da="Brug kun dokumenterne til den pakke, spørgsmålet hører til. P1: de første 45 dage. "
        "P2: til og med uge {week:g}. P3: hvordan sagen sluttede.",
        en="Use only the documents of the packet that the question belongs to. P1: the first 45 "
        "days. P2: up to week {week:g}. P3: how the case ended.",
    ),
    Label(
        da="Svaret må gerne være et tredje end de to. Kan det ikke afgøres, så vælg »ikke oplyst« "
        "(i talfelter: {not_stated}), eller lad cellen stå tom.",
        en="The answer may be a third one. Where it cannot be settled, choose »not stated« (in "
        "number cells: {not_stated}), or leave the cell empty.",
    ),
    Label(
        da="Skriv aldrig CPR-numre, navne eller fri tekst, heller ikke som kommentarer til celler.",
        en="Never write CPR numbers, names or free text, nor in comments on cells.",
    ),
)


def word(key: str, lang: Language, **values: object) -> str:
    """Return a word of the form with its values filled in.

    Examples
    --------
    >>> word("still", "en", week=12.0)
    'Still sick-listed in week 12?'
    """
    return REVIEW_WORDS[key].text(lang).format(**values)


def name_theme(theme: str, lang: Language) -> str:
    """Return a theme in words; a theme that is not known keeps its own name.

    Examples
    --------
    >>> name_theme("diagnosis", "da"), name_theme("new_theme", "da")
    ('Diagnose', 'new theme')
    """
    return THEMES[theme].text(lang) if theme in THEMES else theme.replace("_", " ")

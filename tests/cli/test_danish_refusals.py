"""Every kind of refusal, through the real command line, in Danish: what, where, what to do."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from riskmodel.io.locks import hold_lock
from riskmodel.io.tracking_journal import TrackingWarning

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "configs" / "visitation" / "lejre-greve.yaml"
CODEBOOK = ROOT / "configs" / "codebook.yaml"


@dataclass
class Place:
    """What a case of refusal is made from."""

    folder: Path
    cases: Path
    bundle: Path

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def spoil(self, row: int | slice, column: str, value: str) -> Path:
        """Write the cases with cells changed; rows are numbered as in a spreadsheet."""
        table = pd.read_csv(self.cases, dtype=str, keep_default_na=False)
        table.index += 2
        table.loc[row, column] = value
        path = self.folder / "sager.csv"
        table.to_csv(path, index=False)
        return path

    def drop(self, column: str) -> Path:
        table = pd.read_csv(self.cases, dtype=str, keep_default_na=False)
        path = self.folder / "sager.csv"
        table.drop(columns=column).to_csv(path, index=False)
        return path

    def change(self, source: Path, old: str, new: str) -> Path:
        text = source.read_text(encoding="utf-8")
        assert old in text
        return self.write(source.name, text.replace(old, new, 1))

    def change_policy(self, old: str, new: str) -> Path:
        shutil.copy(POLICY.parent / "regimes.yaml", self.folder)
        return self.change(POLICY, old, new)

    def damage(self) -> Path:
        model = self.folder / "model"
        model.mkdir()
        for path in self.bundle.iterdir():
            (model / path.name).write_bytes(path.read_bytes())
        (model / "tables.json").write_text("{}")
        return model


@pytest.fixture
def place(bundle, open_file, tmp_path) -> Place:
    return Place(tmp_path, open_file, bundle)


def score(place: Place, **changed: object) -> list[object]:
    """Return a command that scores, with some of its parts changed."""
    parts = {"cases": place.cases, "model": place.bundle, "policy": POLICY,
             "out": place.folder / "ud.csv"} | changed  # fmt: skip
    return ["score", parts["cases"], "--model", parts["model"], "--policy", parts["policy"],
            "--out", parts["out"], "--quiet"]  # fmt: skip


def train_on_records(place: Place) -> list[object]:
    codebook = place.change(CODEBOOK, "data_kind: synthetic", "data_kind: case_records")
    return ["train", place.cases, "--codebook", codebook, "--out", place.folder / "m",
            "--no-track", "--legal-basis", place.folder / "grundlag.yaml", "--quiet"]  # fmt: skip


def score_onto_notes(place: Place) -> list[object]:
    return score(place, out=place.write("referat.csv", "referat af et møde"))


def check(path: Path) -> list[object]:
    return ["check", path]


# Name of the case: the command, its exit code, and what its message must say.
REFUSALS: dict[str, tuple[Callable[[Place], list[object]], int, tuple[str, ...]]] = {
    "no file": (
        lambda _: check(Path("findes-ikke.csv")), 2,
        ("findes-ikke.csv: filen findes ikke.", "Se efter, om navn og mappe er rigtige."),
    ),
    "empty file": (
        lambda place: check(place.write("tom.csv", "")), 2,
        ("tom.csv, række 1: filen er tom.", "Lav udtrækket igen."),
    ),
    "unknown kind of file": (
        lambda place: check(place.write("sager.docx", "x")), 2,
        ("sager.docx", "kun filer af typen .csv", "Gem den som CSV UTF-8"),
    ),
    "missing column": (
        lambda place: score(place, cases=place.drop("rtw_expectation")), 2,
        ("sager.csv, række 1, kolonne rtw_expectation: kolonnen mangler.",
         "Tilføj den. Hvor værdien er ukendt, skal cellen være tom."),
    ),
    "unknown level": (
        lambda place: check(place.spoil(3, "diagnosis_group", "knee")), 2,
        ("sager.csv, række 3, kolonne diagnosis_group: cellen er ikke en af svarmulighederne",
         "Brug en af disse:", "Ellers tøm cellen."),
    ),
    "number out of range": (
        lambda place: check(place.spoil(6, "expected_duration_gp_weeks", "300")), 2,
        ("sager.csv, række 6, kolonne expected_duration_gp_weeks: tallet skal ligge fra 0 til",
         "men er 300.", "Ret tallet, eller tøm cellen."),
    ),
    "text for a number": (
        lambda place: check(place.spoil(4, "expected_duration_gp_weeks", "otte")), 2,
        ("række 4", "her skal stå et tal, men cellen indeholder tekst.", "Ret cellen, eller tøm"),
    ),
    "bad date": (
        lambda place: check(place.spoil(5, "first_absence_date", "2026-13-05")), 2,
        ("sager.csv, række 5, kolonne first_absence_date: datoen findes ikke",
         "Skriv dd-mm-åååå eller åååå-mm-dd."),
    ),
    "number with a name for it": (
        lambda place: check(place.spoil(2, "case_id", "010165-0000")), 2,
        ("sager.csv, række 2, kolonne case_id: cellen indeholder noget, der ligner et CPR-nummer",
         "Erstat det med en kode", "Intet er læst."),
    ),
    "too many faults": (
        lambda place: check(place.spoil(slice(2, None), "expected_duration_gp_weeks", "300")), 2,
        ("sager.csv, række 2", "... og 10 fejl mere"),
    ),
    "no legal basis": (
        train_on_records, 3,
        ("Rigtige sager må kun bruges til træning, når retsgrundlaget er noteret",
         "filen grundlag.yaml findes ikke", "Få den ansvarlige afdeling til at notere"),
    ),
    "no model": (
        lambda place: score(place, model=place.folder / "ingen"), 4,
        ("ingen: mappen findes ikke.", "Giv stien til mappen med en gemt model."),
    ),
    "damaged model": (
        lambda place: score(place, model=place.damage()), 4,
        ("tables.json", "Hent mappen igen, hvor den blev lavet, og ret den ikke i hånden."),
    ),
    "output exists": (
        score_onto_notes, 2,
        ("referat.csv: der er en fil med dette navn og et andet indhold.",
         "Vælg et andet navn, eller erstat filen med --overwrite."),
    ),
    "output inside the model": (
        lambda place: score(place, out=place.bundle / "ud.csv"), 2,
        ("stedet ligger inde i den gemte model", "Vælg et sted ved siden af modellen."),
    ),
    "unknown policy key": (
        lambda place: score(place, policy=place.change_policy("capacity:", "kapacitet:")), 2,
        ("lejre-greve.yaml, nøgle", "kapacitet", "er ikke en nøgle, der kendes her.",
         "Kendte er:"),
    ),
    "crossed thresholds": (
        lambda place: score(place, policy=place.change_policy("value: 0.30", "value: 0.90")), 2,
        ("lejre-greve.yaml, nøgle thresholds: lower 0.9 ligger over upper",
         "Byt dem om, eller gør dem ens"),
    ),
    "policy without its periods": (
        lambda place: score(place, policy=place.change(POLICY, "status: proposal", "status: x")),
        2,
        ("lejre-greve.yaml, nøgle rule_regime: har ingen værdi at vælge",
         "Læg regimes.yaml ved siden af politikken, eller fjern nøglen."),
    ),
    "unknown key of the codebook": (
        lambda place: ["check", place.cases, "--codebook",
                       place.change(CODEBOOK, "version:", "versjon:")], 2,
        ("codebook.yaml", "Nøglen 'versjon' er ukendt.", "Mente du version?",
         "De gyldige nøgler er"),
    ),
    "no YAML": (
        lambda place: ["policy", "check", place.write("politik.yaml", "a: [1\nb: 2\n")], 2,
        ("politik.yaml", "Det er ikke gyldig YAML", "Se efter indrykning"),
    ),
    "unknown case": (
        lambda place: ["explain", place.cases, "--model", place.bundle, "--case-id", "SYN-0",
                       "--format", "text"], 2,
        ("case_id", "Ingen række har", "Se efter, om det er stavet rigtigt."),
    ),
    "unknown command": (
        lambda _: ["scor"], 2,
        ("Brug: riskmodel [VALG] KOMMANDO", "Prøv 'riskmodel -h' for at få hjælp.",
         "Fejl: Kommandoen 'scor' findes ikke. Mente du 'score'"),
    ),
    "missing option": (
        lambda place: ["score", place.cases], 2,
        ("Brug: riskmodel score [VALG]", "Fejl: Valget '--model' mangler."),
    ),
    "missing argument": (
        lambda _: ["score"], 2, ("Fejl: Argumentet 'sager' mangler.",),
    ),
    "unknown option": (
        lambda _: ["check", "--wings"], 2, ("Fejl: Valget --wings findes ikke.",),
    ),
    "option without a value": (
        lambda _: ["synthesize", "--out"], 2, ("Fejl: Valget '--out' skal have en værdi.",),
    ),
    "value out of range": (
        lambda _: ["synthesize", "--out", "x.csv", "--seed", "-1"], 2,
        ("Fejl: Ugyldig værdi til '--seed': Tallet skal være mindst 0.",),
    ),
    "value of another kind": (
        lambda _: ["synthesize", "--out", "x.csv", "--seed", "otte"], 2,
        ("Fejl: Ugyldig værdi til '--seed': Skriv et helt tal.",),
    ),
    "value not among the choices": (
        lambda place: ["explain", place.cases, "--model", place.bundle, "--format", "pdf"], 2,
        ("Fejl: Ugyldig værdi til '--format': 'pdf' er ikke en af 'html'",),
    ),
    "an option that another asks for": (
        lambda place: ["explain", place.cases, "--model", place.bundle], 2,
        ("--format html kræver --out MAPPE",),
    ),
    "unknown language": (
        lambda _: ["check", "x.csv", "--lang", "sv"], 2,
        ("--lang skal være da eller en. Vælg en af dem.",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_what_where_and_what_to_do(run, place, find_english, name):
    make, wanted, parts = REFUSALS[name]
    code, out, err = run(*make(place))
    assert (code, out) == (wanted, "")
    for part in parts:
        assert part in err
    assert "Traceback" not in err
    assert "uforudset" not in err
    assert "\x1b" not in err
    told = re.sub(r"(?m)^Brug: .*$", "", err)
    assert find_english(told) == []
    assert re.search(r"[.?](?: |$)", told.strip(), re.M)


def test_the_exit_codes_of_all_kinds_are_met():
    assert {wanted for _, wanted, _ in REFUSALS.values()} == {2, 3, 4}


def test_another_run_on_the_target(run, place, find_english):
    with hold_lock(place.folder / ".ud.csv.lock"):
        code, out, err = run(*score(place))
    assert (code, out) == (5, "")
    assert "En anden kørsel er i gang med samme resultat" in err
    assert "Vent, til den er færdig." in err
    assert find_english(err) == []


def test_an_unforeseen_error(run, place, find_english, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        msg = "a cell: 42"
        raise RuntimeError(msg)

    monkeypatch.setattr("riskmodel.pipelines.score.score", fail)
    code, _, err = run(*score(place))
    assert code == 1
    assert err.strip() == (
        "riskmodel: en uforudset fejl (RuntimeError). Det er en fejl i programmet. "
        "Kør igen med --debug for at se hvor."
    )


@pytest.mark.filterwarnings("default")
def test_a_warning_is_told_as_a_message(run, place, find_english, monkeypatch):
    def warn(*_: object, **__: object) -> None:
        msg = "The run was not logged (disk full); it waits in the journal as k1.json."
        warnings.warn(msg, TrackingWarning, stacklevel=2)
        raise SystemExit(0)

    monkeypatch.setattr("riskmodel.pipelines.score.score", warn)
    assert run(*score(place)) == (
        0, "",
        "riskmodel: Kørslen blev ikke logget (disk full); den venter i journalen som k1.json.\n",
    )  # fmt: skip
    assert "The run was not logged" in run(*score(place), "--lang", "en")[2]


def test_a_personal_number_is_masked_in_danish_too(run, place):
    code, _, err = run("check", place.folder / "liste 010165-0000.csv")
    assert code == 2
    assert "0101" not in err
    assert "65-0000" not in err


def test_progress_is_told_in_danish_and_json_stays_as_it_is(run, place, find_english):
    arguments = [one for one in score(place) if one != "--quiet"]
    code, out, err = run(*arguments, "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["rows"], told["scored"]) == (30, 30)
    assert re.search(r"\[ +\d+\.\d s\] beregner 30 vurderinger", err)
    assert find_english(err) == []
    code, spoken, _ = run(*arguments)
    assert spoken.startswith("30 af 30 vurderinger er beregnet og skrevet til")
    code, english, err = run(*arguments, "--json", "--lang", "en")
    assert english == out
    assert "scoring 30 assessments" in err


def test_files_are_the_same_in_both_languages(run, place):
    outs = []
    for lang in ("da", "en"):
        out = place.folder / f"{lang}.csv"
        assert run(*score(place, out=out), "--lang", lang)[0] == 0
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]

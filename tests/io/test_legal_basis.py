"""The gate of the legal basis: training and scoring need a record each."""

from __future__ import annotations

import pytest

from riskmodel.errors import CodebookError, GateError
from riskmodel.io.legal_basis import LEGAL_BASIS_FILE, check_legal_basis

ENTRY = """{use}:
  basis: a made-up act, section 1
  recorded_by_role: data protection officer
  recorded_on: 2026-12-01
"""


@pytest.mark.parametrize("use", ["training", "scoring"])
@pytest.mark.parametrize("kind", ["synthetic", "public"])
def test_other_data_pass_without_a_record(kind, use, tmp_path):
    check_legal_basis(kind, use, tmp_path / "none.yaml")


@pytest.mark.parametrize("use", ["training", "scoring"])
def test_case_records_need_a_record(use, tmp_path):
    with pytest.raises(GateError, match=use) as refused:
        check_legal_basis("case_records", use, tmp_path / "none.yaml")
    assert refused.value.exit_code == 3
    assert "none.yaml" in str(refused.value)


@pytest.mark.parametrize(("recorded", "other"), [("training", "scoring"), ("scoring", "training")])
def test_one_use_does_not_open_the_other(recorded, other, tmp_path):
    path = tmp_path / "legal_basis.yaml"
    path.write_text(ENTRY.format(use=recorded))
    check_legal_basis("case_records", recorded, path)
    with pytest.raises(GateError, match=f"for {other}"):
        check_legal_basis("case_records", other, path)


def test_the_record_of_this_folder_is_read_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GateError):
        check_legal_basis("case_records", "training")
    LEGAL_BASIS_FILE.parent.mkdir()
    LEGAL_BASIS_FILE.write_text(ENTRY.format(use="training"))
    check_legal_basis("case_records", "training")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("training: ok\n", "training"),
        ("training: []\n", "training"),
        ("training: {}\n", "training"),
        (ENTRY.format(use="training") + "  note: more\n", "training"),
        (
            ENTRY.format(use="training").replace("  basis: a made-up act, section 1\n", ""),
            "training",
        ),
        (ENTRY.format(use="training").replace("a made-up act, section 1", "'  '"), "training"),
        (ENTRY.format(use="training").replace("a made-up act, section 1", ""), "training"),
        (ENTRY.format(use="training").replace("2026-12-01", "01-12-2026"), "training.recorded_on"),
        (ENTRY.format(use="training").replace("2026-12-01", "2026-02-31"), "training.recorded_on"),
        (ENTRY.format(use="training").replace("2026-12-01", "soon"), "training.recorded_on"),
    ],
)
def test_a_malformed_record_is_named(text, key, tmp_path):
    path = tmp_path / "legal_basis.yaml"
    path.write_text(text)
    with pytest.raises(CodebookError, match=rf"legal_basis\.yaml, key {key}:") as refused:
        check_legal_basis("case_records", "training", path)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("text", ["training:\n", "trainig:\n  basis: x\n"])
def test_an_empty_or_misspelt_record_opens_nothing(text, tmp_path):
    path = tmp_path / "legal_basis.yaml"
    path.write_text(text)
    with pytest.raises((GateError, CodebookError)):
        check_legal_basis("case_records", "training", path)


@pytest.mark.parametrize("text", ["", "[1]\n", "training: {a: 1, a: 2}\n", "a: [\n"])
def test_a_file_that_is_no_mapping_is_refused(text, tmp_path):
    path = tmp_path / "legal_basis.yaml"
    path.write_text(text)
    with pytest.raises((GateError, CodebookError)):
        check_legal_basis("case_records", "training", path)

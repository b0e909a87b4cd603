"""Strict YAML: what is refused, and where the message points."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmodel.errors import CodebookError
from riskmodel.io.yaml_files import MAX_BYTES, read_yaml


def write(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "case book.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_only_true_and_false_are_booleans(tmp_path: Path) -> None:
    text = "a: yes\nb: no\nc: on\nd: true\ne: False\nf: ~\ng:\nh: null"
    expected = {"a": "yes", "b": "no", "c": "on", "d": True, "e": False, "f": None, "g": None}
    assert read_yaml(write(tmp_path, text)) == {**expected, "h": None}


def test_dates_clock_times_and_leading_zeros_stay_text(tmp_path: Path) -> None:
    text = "a: 2026-07-01\nb: 12:30\nc: 007\nd: 0o17\ne: 0x1f\nf: 1_000\ng: <10\nh: 1-4"
    read = read_yaml(write(tmp_path, text))
    expected = ["2026-07-01", "12:30", "007", "0o17", "0x1f", "1_000", "<10", "1-4"]
    assert list(read.values()) == expected


def test_numbers_are_read_and_floats_print_as_written(tmp_path: Path) -> None:
    read = read_yaml(write(tmp_path, "a: 26\nb: -3\nc: 1.10\nd: 2e3\ne: .5\nf: .inf\ng: 1."))
    assert read == {"a": 26, "b": -3, "c": 1.1, "d": 2000, "e": 0.5, "f": float("inf"), "g": 1}
    assert str(read["c"]) == "1.10"
    assert isinstance(read["a"], int)


def test_quoted_text_is_never_a_number(tmp_path: Path) -> None:
    assert read_yaml(write(tmp_path, "a: '26'\nb: \"true\"")) == {"a": "26", "b": "true"}


def test_byte_order_mark_windows_lines_and_danish_letters(tmp_path: Path) -> None:
    data = "\ufeffkommune: Ærø\r\nuge: 8\r\n".encode()
    assert read_yaml(write(tmp_path, data)) == {"kommune": "Ærø", "uge": 8}


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, ["'a' is given on line 1 and 3", "Remove or rename"]),
        ("a:\n  x: 1\n  x: 2", 3, ["'x' is given on line 2 and 3"]),
        ("1: a\n1: b", 2, ["1 is given on line 1 and 2"]),
        ("a: 1\nb:\n\tc: 2", 3, ["not valid YAML at line 3", "Replace every tab by spaces"]),
        ("a: b: c", 1, ["mapping values are not allowed here", "put text that holds a colon"]),
        ("a: 1\nb: [1, 2", 2, ["expected ',' or ']'"]),
        ("a: 1\n---\nb: 2", 2, ["expected a single document"]),
        ("a: &x 1\nb: *x", 2, ["Aliases (*name) are not accepted. Write the value out."]),
        ("a: 1\nb: !!python/object:os.system x", 2, ["The tag !!python/object:os.system is not"]),
        ("a: !local x", 1, ["The tag !local is not accepted"]),
        ("a: !!timestamp 2026-07-01", 1, ["The tag !!timestamp is not accepted"]),
        ("a: !!merge x", 1, ["The tag !!merge is not accepted"]),
        ("a: !!int x", 1, ["not a value of type int"]),
        ("a: !!bool x", 1, ["not a value of type bool"]),
        ("? [a]\n: 2", 1, ["A key must be a single word"]),
        ("a: 1\nb: " + "[" * 500 + "]" * 500, 2, ["nested at most 30 deep"]),
        ("- a\n- b", 1, ["The top level must be keys with values"]),
        ("plain words", 1, ["The top level must be keys with values"]),
        ("1: a", 1, ["The top level must be keys with values"]),
        ("a: 1\nb: \x00", 2, ["Line 2 holds a control character"]),
        ("a: 1\nb: Ærø".encode("cp1252"), 2, ["must be UTF-8 text, but line 2", "Encoding: UTF-8"]),
        ("a: 1".encode("utf-16"), 1, ["must be UTF-8 text"]),
    ],
)
def test_refusals_name_file_line_and_remedy(
    tmp_path: Path, data: str | bytes, line: int, words: list[str]
) -> None:
    with pytest.raises(CodebookError) as caught:
        read_yaml(write(tmp_path, data))
    (fault,) = caught.value.faults
    assert (fault.file, fault.row) == ("case book.yaml", line)
    assert fault.remedy
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("data", ["", "\n\n", "# only a remark\n", "---\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: str) -> None:
    with pytest.raises(CodebookError, match=r"case book\.yaml: The file is empty"):
        read_yaml(write(tmp_path, data))


def test_a_missing_file_and_a_folder_are_refused_without_their_path(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(CodebookError, match=r"cannot be read .* Check the path") as caught:
            read_yaml(path)
        assert str(tmp_path.parent) not in str(caught.value)


def test_a_missing_file_is_told_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CodebookError, match=r"path configs/absent\.yaml: it counts from"):
        read_yaml(Path("configs/absent.yaml"))


@pytest.mark.slow
def test_the_size_cap_is_exact(tmp_path: Path) -> None:
    head = "a: 1\n#"
    assert read_yaml(write(tmp_path, head + "x" * (MAX_BYTES - len(head)))) == {"a": 1}
    with pytest.raises(CodebookError, match="at most 1,000,000 bytes"):
        read_yaml(write(tmp_path, head + "x" * (MAX_BYTES - len(head) + 1)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=80) | st.text(alphabet="a1:-[]{}&*!?|>'\"% \n\t#,", max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes | str) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    try:
        found = all(isinstance(key, str) for key in read_yaml(path))
    except CodebookError as error:
        found = bool(error.faults[0].remedy)
    assert found


@pytest.mark.parametrize(
    "text",
    [
        "codebook: list 010165-0000",
        "title: {da: 'Sag 010165 0000', en: x}",
        "a: 1\n010165-0000: b",
        "levels:\n  - 0101650000",
        "a: 1  # see 0101650000",
        '{"codebook": "x", "fields": [{"label": "cpr:0101650000"}]}',
        "source: doi 10.1186/1 and 010165-0000",
        "a: \N{FULLWIDTH DIGIT ZERO}101650000",
    ],
)
def test_personal_numbers_are_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="CPR") as caught:
        read_yaml(write(tmp_path, text))
    assert "0165" not in str(caught.value)
    assert caught.value.faults[0].row == text[: text.index("65")].count("\n") + 1


def test_a_file_named_after_a_person_is_not_named_in_full(tmp_path: Path) -> None:
    for name, content in (("010165-0000.yaml", "a: [1"), ("0101650000.yaml", "")):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with pytest.raises(CodebookError) as caught:
            read_yaml(path)
        assert "0165" not in str(caught.value)
    with pytest.raises(CodebookError) as caught:
        read_yaml(tmp_path / "gone 010165-0000.yaml")
    assert "0165" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["doi: doi 10.1186/1471-2458-12-661", "from: 2026-07-01", "range: [10, 11, 86, 1471]"],
)
def test_sources_dates_and_lists_are_no_personal_numbers(text: str, tmp_path: Path) -> None:
    assert len(read_yaml(write(tmp_path, text))) == 1


@pytest.mark.parametrize("path", sorted(Path("configs").rglob("*.yaml")), ids=lambda one: one.name)
def test_every_file_of_the_repository_can_be_read(path: Path) -> None:
    assert read_yaml(path)

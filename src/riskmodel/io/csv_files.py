"""Delimited text, read strictly: nothing is guessed in silence and every row is counted."""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from riskmodel.errors import Fault, InputError
from riskmodel.io.raw_tables import MAX_COLUMNS, FaultLog, RawColumn, RawTable, check_file_name

__all__ = ["ENCODINGS", "read_csv"]

ENCODINGS = ("utf-8", "cp1252")
DELIMITERS = (",", ";", "\t")
MAX_BYTES = 1_000_000_000
CHUNK_BYTES = 4_000_000
CHUNK_ROWS = 50_000
WHOLE_FILE_BYTES = 1_000_000
DELIMITER_WORDS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}

HeadingCount = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class _Bytes:
    encoding: str
    plain: bool
    notes: tuple[str, ...]


def read_csv(
    path: str | os.PathLike[str], count_known: HeadingCount, *, encoding: str | None = None
) -> RawTable:
    """Read a delimited text file as text.

    Parameters
    ----------
    path : path
    count_known : callable
        Number of headings, of those given, that the codebook knows; it tells the delimiter.
    encoding : {"utf-8", "cp1252"} or None
        None takes UTF-8 and falls back to cp1252, with a note, where the bytes are not UTF-8.

    Raises
    ------
    InputError
        If the file is not delimited text in one of the two encodings, or a row has more or
        fewer cells than the heading.
    """
    target = Path(path)
    name = check_file_name(target)
    facts = _inspect(target, name, encoding)
    delimiter, headings = _read_heading(target, name, facts, count_known)
    columns: list[pa.Array] | None = None
    if facts.plain and target.stat().st_size > WHOLE_FILE_BYTES:
        columns = _read_plain(target, delimiter, len(headings))
    if columns is None:
        columns = _read_rows(target, name, facts, delimiter, len(headings))
    columns = _drop_blank_end(columns)
    if not len(columns[0]):
        problem = "the file has a heading and no rows."
        raise InputError(Fault(name, problem, "Export it again with the cases.", row=2))
    return RawTable(
        file=name,
        columns=tuple(
            RawColumn(heading, place, cells, protected=True)
            for place, (heading, cells) in enumerate(zip(headings, columns, strict=True), 1)
        ),
        n_rows=len(columns[0]),
        delimiter=delimiter,
        notes=facts.notes,
    )


def _inspect(path: Path, name: str, declared: str | None) -> _Bytes:
    """Read all bytes once: encoding, NUL, quotes, and rows too long to be rows."""
    if path.stat().st_size > MAX_BYTES:
        problem = f"the file is larger than {MAX_BYTES // 1_000_000} MB."
        raise InputError(Fault(name, problem, "Save it as Parquet, or split it."))
    scan = _Scan()
    for chunk in _read_chunks(path):
        _refuse_other_text(name, chunk, scan)
        scan.take(chunk)
        if scan.row_bytes > CHUNK_BYTES:
            problem = f"the row is longer than {CHUNK_BYTES // 1_000_000} MB."
            remedy = "Check the line ends and the quotes of the export."
            raise InputError(Fault(name, problem, remedy, scan.rows))
    scan.finish()
    chosen = _choose_encoding(name, scan, declared)
    notes = ("read as cp1252 (Windows), because the bytes are not UTF-8",)
    guessed = declared is None and chosen == "cp1252"
    return _Bytes(
        encoding=chosen,
        plain=chosen == "utf-8-sig" and not scan.has_quotes and scan.lone_returns == 0,
        notes=notes if guessed else (),
    )


class _Scan:
    """What the bytes of a file have shown so far."""

    def __init__(self) -> None:
        self.rows = 1
        self.row_bytes = 0
        self.has_quotes = False
        self.has_wide = False
        self.lone_returns = 0
        self.not_utf8: int | None = None
        self.not_cp1252: int | None = None
        self._decoders = {
            "utf-8": codecs.getincrementaldecoder("utf-8")(),
            "cp1252": codecs.getincrementaldecoder("cp1252")(),
        }

    def take(self, chunk: bytes) -> None:
        self.has_quotes = self.has_quotes or b'"' in chunk
        self.lone_returns += chunk.count(b"\r") - chunk.count(b"\r\n")
        if not chunk.isascii():
            self.has_wide = True
        self.not_utf8 = self.not_utf8 or self._decode("utf-8", chunk)
        self.not_cp1252 = self.not_cp1252 or self._decode("cp1252", chunk)
        self.rows += chunk.count(b"\n")
        last = chunk.rfind(b"\n")
        self.row_bytes = self.row_bytes + len(chunk) if last < 0 else len(chunk) - last - 1

    def finish(self) -> None:
        self.not_utf8 = self.not_utf8 or self._decode("utf-8", b"", final=True)

    def _decode(self, encoding: str, chunk: bytes, *, final: bool = False) -> int | None:
        try:
            self._decoders[encoding].decode(chunk, final)
        except UnicodeDecodeError as error:
            return self.rows + error.object[: error.start].count(b"\n")
        return None


def _read_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            # A chunk never ends between the two halves of a line end.
            yield chunk + file.read(1) if chunk.endswith(b"\r") else chunk


def _refuse_other_text(name: str, chunk: bytes, scan: _Scan) -> None:
    nul = chunk.find(b"\0")
    starts_wide = scan.rows == 1 and scan.row_bytes == 0 and chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if starts_wide or (nul >= 0 and chunk.count(b"\0") > len(chunk) // 4):
        problem = "the text is UTF-16 or UTF-32; only UTF-8 and cp1252 are read."
        raise InputError(Fault(name, problem, 'Save it as "CSV UTF-8".', row=1))
    if nul >= 0:
        problem = "the row holds a NUL byte, so this is no text or the file is damaged."
        row = scan.rows + chunk[:nul].count(b"\n")
        raise InputError(Fault(name, problem, "Export it again as CSV UTF-8.", row))


def _choose_encoding(name: str, scan: _Scan, declared: str | None) -> str:
    if scan.not_utf8 is None:
        if declared == "cp1252" and scan.has_wide:
            problem = "cp1252 was declared, and the bytes are UTF-8."
            raise InputError(Fault(name, problem, "Declare utf-8, or leave the encoding out."))
        return "utf-8-sig"
    if declared == "utf-8":
        problem = "UTF-8 was declared, and the bytes are not UTF-8."
        remedy = "Save it as CSV UTF-8, or declare cp1252 if it comes from Windows."
        raise InputError(Fault(name, problem, remedy, scan.not_utf8))
    if scan.not_cp1252 is not None:
        problem = "the bytes are neither UTF-8 nor cp1252."
        raise InputError(Fault(name, problem, 'Save it as "CSV UTF-8".', scan.not_cp1252))
    return "cp1252"


def _read_heading(
    path: Path, name: str, facts: _Bytes, count_known: HeadingCount
) -> tuple[str, list[str]]:
    best: tuple[int, int, str, list[str]] = (0, 0, "", [])
    for delimiter in DELIMITERS:
        with path.open(encoding=facts.encoding, newline="") as file:
            try:
                headings = next(csv.reader(file, delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
        best = max(best, (count_known(headings), len(headings), delimiter, headings))
    known, width, delimiter, headings = best
    if not known:
        problem = "the first row holds no heading that the codebook knows."
        remedy = (
            "Give field names or labels in the first row, separated by a semicolon, a comma or a "
            "tab, all rows alike; or name the file's own codebook, where the command has "
            "--codebook."
        )
        raise InputError(Fault(name, problem, remedy, row=1))
    if width > MAX_COLUMNS:
        problem = f"the heading has {width} columns; at most {MAX_COLUMNS} are read."
        raise InputError(Fault(name, problem, "Keep the columns of the codebook.", row=1))
    return delimiter, headings


def _read_plain(path: Path, delimiter: str, width: int) -> list[pa.Array] | None:
    """Read a file without quotes fast; None where a row does not fit, to find it slowly."""
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    names = [str(place) for place in range(width)]
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            path,
            arrow_csv.ReadOptions(column_names=names, skip_rows=1, block_size=2 * CHUNK_BYTES),
            arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, text), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    return [_combine(column) for column in table.columns]


def _combine(column: pa.ChunkedArray) -> pa.Array:
    return column.unify_dictionaries().combine_chunks()


def _read_rows(path: Path, name: str, facts: _Bytes, delimiter: str, width: int) -> list[pa.Array]:
    log = FaultLog()
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    with path.open(encoding=facts.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        next(reader)
        for rows in _take_rows(reader, name, delimiter, width, log):
            for cells, listed in zip(zip(*rows, strict=True), chunks, strict=True):
                listed.append(pa.array(cells, pa.string()).dictionary_encode())
    log.raise_if_any()
    text = pa.dictionary(pa.int32(), pa.string())
    return [_combine(pa.chunked_array(listed, text)) for listed in chunks]


def _take_rows(
    reader: Iterator[list[str]], name: str, delimiter: str, width: int, log: FaultLog
) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    blank: list[int] = []
    number = 1
    try:
        for number, row in enumerate(reader, 2):
            if not row:
                blank.append(number)
                continue
            for empty in blank:
                log.add(Fault(name, "the row is empty.", "Remove it.", empty))
            blank.clear()
            if len(row) == width:
                rows.append(row)
            else:
                problem = f"the row has {len(row)} cells and the heading has {width}."
                remedy = (
                    f"Cells are separated by {DELIMITER_WORDS[delimiter]}; put a text that holds "
                    "one in double quotes."
                )
                log.add(Fault(name, problem, remedy, number))
            if len(rows) == CHUNK_ROWS:
                yield rows
                rows = []
    except csv.Error:
        problem = "a double quote is not closed, or text follows a closing quote."
        log.add(Fault(name, problem, "Close the quotes in this row or below it.", number + 1))
    if rows:
        yield rows


def _drop_blank_end(columns: list[pa.Array]) -> list[pa.Array]:
    """Leave out rows at the end whose cells are all blank, as spreadsheets export them."""
    n = len(columns[0])
    while n and all(not column[n - 1].as_py().strip() for column in columns):
        n -= 1
    return [column[:n] for column in columns]

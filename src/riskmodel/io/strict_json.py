"""JSON that is read with suspicion: one meaning only, bounded size and depth, finite numbers."""

from __future__ import annotations

import json
import re
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from riskmodel.errors import ModelError

__all__ = ["encode_json", "parse_json_strict"]

MAX_JSON_BYTES = 32 * 2**20
MAX_DEPTH = 24

_HUGE_NUMBER = re.compile(rb"[0-9.]{40}|[eE]\+?[0-9]{3}")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[[ord("["), ord("{")]] = 1
_STEPS[[ord("]"), ord("}")]] = -1
_REMEDY = "Fetch the folder again from where it was made; do not edit it by hand."


def encode_json(value: object) -> bytes:
    r"""Return a value as UTF-8 JSON whose floats read back as the same numbers.

    Parameters
    ----------
    value : object
        Dicts with string keys, lists, strings, finite numbers, booleans and None. Keys keep
        their order.

    Returns
    -------
    bytes
        One value a line, ending in a line feed.

    Raises
    ------
    ValueError
        If a number is NaN or infinite.

    Examples
    --------
    >>> encode_json({"weights": [0.1, -0.0]})
    b'{\n "weights": [\n  0.1,\n  -0.0\n ]\n}\n'
    >>> parse_json_strict(encode_json({"third": 1 / 3}), "model.json")["third"] == 1 / 3
    True
    """
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def parse_json_strict(
    data: bytes, source: str, *, max_bytes: int = MAX_JSON_BYTES, max_depth: int = MAX_DEPTH
) -> object:
    """Parse JSON and refuse whatever two readers could understand differently.

    Refused are: text that is not UTF-8, repeated keys, NaN and infinities, numbers of 40
    digits or 1e100 and above, half characters (lone surrogates), nesting deeper than
    `max_depth` and texts longer than `max_bytes`.

    Parameters
    ----------
    data : bytes
        The document.
    source : str
        Name of the file, for messages.
    max_bytes, max_depth : int
        Limits, both included.

    Returns
    -------
    object
        Dicts, lists, strings, numbers, booleans and None.

    Raises
    ------
    ModelError
        If the text breaks a rule. The message names the file, never its content.

    Examples
    --------
    >>> parse_json_strict(b'{"a": 1, "a": 2}', "model.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    riskmodel.errors.ModelError: model.json: a key is repeated in one object. Fetch ...
    """
    _check_size(data, source, max_bytes, max_depth)

    def build_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        built = dict(pairs)
        if len(built) != len(pairs):
            _refuse(source, "a key is repeated in one object.")
        return built

    def refuse_constant(_: str) -> NoReturn:
        _refuse(source, "NaN and infinite numbers are not allowed.")

    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=build_object, parse_constant=refuse_constant
        )
        if _ESCAPED_SURROGATE.search(data):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        _refuse(source, "it is not UTF-8 text.")
    except UnicodeEncodeError:
        _refuse(source, "it holds half a character (a lone surrogate).")
    except (ValueError, RecursionError):
        _refuse(source, "it is not valid JSON.")
    return value


def _check_size(data: bytes, source: str, max_bytes: int, max_depth: int) -> None:
    if len(data) > max_bytes:
        _refuse(source, f"it holds {len(data)} bytes, more than the {max_bytes} allowed.")
    outside = _outside_strings(data)
    steps = _STEPS[outside]
    if np.cumsum(steps[steps != 0], dtype=np.int64).max(initial=0) > max_depth:
        _refuse(source, f"it is nested deeper than {max_depth} levels.")
    if _HUGE_NUMBER.search(outside.tobytes()):
        _refuse(source, "a number is too large: numbers stay below 1e100 and 40 digits.")


def _outside_strings(data: bytes) -> npt.NDArray[np.uint8]:
    """Return the bytes outside strings, in one pass that no text can slow down."""
    unescaped = data.replace(rb"\\", b"__").replace(rb"\"", b"__")
    marks = np.frombuffer(unescaped, dtype=np.uint8)
    inside = np.cumsum(marks == ord('"'), dtype=np.uint8) & 1
    outside: npt.NDArray[np.uint8] = marks[inside == 0]
    return outside


def _refuse(source: str, problem: str) -> NoReturn:
    msg = f"{source}: {problem} {_REMEDY}"
    raise ModelError(msg) from None

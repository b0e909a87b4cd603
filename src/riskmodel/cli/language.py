"""The language of the command line: chosen once, for help, progress, results and errors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final

from riskmodel.domain.labels import LANGUAGES, Language
from riskmodel.errors import CONFIG_ENDINGS, SHOWN_FAULTS, Fault, InputError, RiskModelError

__all__ = [
    "LANGUAGE_VARIABLE",
    "choose_language",
    "get_language",
    "say",
    "set_language",
    "take_language",
    "tell_error",
    "tell_usage_error",
]

LANGUAGE_VARIABLE: Final = "RISKMODEL_LANG"
_STANDARD: Final[Language] = "da"
_OPTION: Final = "--lang"

_chosen: dict[str, Language] = {}


def set_language(lang: Language) -> None:
    """Choose the language of everything that the command line says from now on."""
    _chosen["lang"] = lang


def get_language() -> Language:
    """Return the chosen language; until one is chosen the environment's, else Danish."""
    return _chosen.get("lang") or _find_by_variable() or _STANDARD


def _find_by_variable() -> Language | None:
    asked = os.environ.get(LANGUAGE_VARIABLE, "")
    return next((one for one in LANGUAGES if one == asked), None)


def take_language(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """Take the option ``--lang`` out of a command line, wherever it stands.

    Returns
    -------
    tuple of list of str, and str or None
        The other arguments; and the last value given, empty where it lacks.

    Examples
    --------
    >>> take_language(["--lang", "en", "score", "a.csv"])
    (['score', 'a.csv'], 'en')
    >>> take_language(["check", "--lang=da", "--", "--lang"])
    (['check', '--', '--lang'], 'da')
    """
    kept: list[str] = []
    found: str | None = None
    rest = iter(arguments)
    for one in rest:
        if one == "--":
            kept += [one, *rest]
        elif one == _OPTION:
            found = next(rest, "")
        elif one.startswith(f"{_OPTION}="):
            found = one.partition("=")[2]
        else:
            kept.append(one)
    return kept, found


def choose_language(given: str | None) -> Language:
    """Choose and return the language: the option's, else the environment's, else Danish.

    Raises
    ------
    InputError
        If the option or the variable names another language.
    """
    asked = os.environ.get(LANGUAGE_VARIABLE, "")
    by_variable = _find_by_variable()
    set_language(by_variable or _STANDARD)
    if given is not None:
        by_option = next((one for one in LANGUAGES if one == given), None)
        if by_option is None:
            msg = f"{_OPTION} must be da or en; choose one of them."
            raise InputError(msg)
        set_language(by_option)
    elif asked and by_variable is None:
        msg = f"{LANGUAGE_VARIABLE} must be da or en; set it to one of them, or leave it out."
        raise InputError(msg)
    return get_language()


def say(text: str) -> str:
    """Return a text of riskmodel in the chosen language; English ones are as they were written.

    Examples
    --------
    >>> set_language("da")
    >>> say("reading cases")
    'læser sager'
    >>> set_language("en")
    >>> say("reading cases")
    'reading cases'
    """
    if get_language() == "en":
        return text
    from riskmodel.cli.message_catalogue import translate

    return translate(text)


def tell_error(error: RiskModelError) -> str:
    """Return the message of an error in the chosen language: what, where, and what to do."""
    if get_language() == "en":
        return str(error)
    if not isinstance(error, InputError):
        return say(str(error))
    lines = [_tell_fault(fault) for fault in error.faults[:SHOWN_FAULTS]]
    if len(error.faults) > SHOWN_FAULTS:
        more = len(error.faults) - SHOWN_FAULTS
        lines.append(say(f"... and {more} more {'fault' if more == 1 else 'faults'}"))
    return "\n".join(lines)


def _tell_fault(fault: Fault) -> str:
    from riskmodel.cli.message_catalogue import translate_word

    told = " ".join(filter(None, (say(fault.problem), say(fault.remedy))))
    if fault.file == "input" and fault.row is None and fault.column is None:
        return told
    row, column = ("line", "key") if fault.file.endswith(CONFIG_ENDINGS) else ("row", "column")
    place = [say(fault.file)]
    if fault.row is not None:
        place.append(f"{translate_word('place', row)} {fault.row}")
    if fault.column is not None:
        place.append(f"{translate_word('place', column)} {fault.column}")
    return f"{', '.join(place)}: {told}"


def tell_usage_error(error: Any) -> str:
    """Return the message of a wrong command line: how it is used, and what is wrong.

    Parameters
    ----------
    error : exception of the command line's library
        With ``format_message`` and, where a command was found, its context as ``ctx``.
    """
    lines = []
    context = getattr(error, "ctx", None)
    if context is not None:
        lines.append(context.get_usage())
        command, option = context.command_path, context.help_option_names[0]
        lines += [say(f"Try '{command} {option}' for help."), ""]
    return "\n".join([*lines, say(f"Error: {error.format_message()}")])

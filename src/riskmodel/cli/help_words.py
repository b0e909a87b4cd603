"""Help in Danish: the texts of the commands, and the words that the library puts around them."""

from __future__ import annotations

import re
from typing import Any

from riskmodel.cli.message_catalogue import translate_word

__all__ = ["translate_help"]

_EXTRAS = re.compile(r"\[([^\[\]]*(?:\[[^\]]*\][^\[\]]*)?)\]$")


def translate_help(command: Any) -> None:
    """Make a command, and those under it, show their help in Danish.

    Parameters
    ----------
    command : a command of typer
        Changed in place; build it anew for another language.
    """
    if command.help:
        command.help = _translate_paragraphs(command.help)
    # Every text of a page of help passes through its formatter before it is wrapped.
    context = command.context_class
    danish = _make_formatter(context.formatter_class)
    command.context_class = type(context.__name__, (context,), {"formatter_class": danish})
    for one in getattr(command, "commands", {}).values():
        translate_help(one)


def _translate_text(text: str) -> str:
    """Return a text of help in Danish; it has no holes, so no template is tried."""
    danish = translate_word("", text)
    return translate_word("typer", text) if danish == text else danish


def _translate_paragraphs(text: str) -> str:
    paragraphs = (" ".join(one.split()) for one in text.split("\n\n"))
    return "\n\n".join(map(_translate_text, paragraphs))


def _make_formatter(base: Any) -> type[Any]:
    def write_usage(self: Any, prog: str, args: str = "", prefix: str | None = None) -> None:
        words = (_translate_name(translate_word("usage", one)) for one in args.split(" "))
        base.write_usage(self, prog, " ".join(words), prefix or translate_word("usage", "Usage: "))

    def write_heading(self: Any, heading: str) -> None:
        base.write_heading(self, translate_word("usage", heading))

    def write_text(self: Any, text: str) -> None:
        base.write_text(self, _translate_paragraphs(text))

    def write_dl(self: Any, rows: Any, *args: Any, **options: Any) -> None:
        told = [(_translate_option(first), _translate_row(second)) for first, second in rows]
        base.write_dl(self, told, *args, **options)

    methods = (write_usage, write_heading, write_text, write_dl)
    return type("DanishFormatter", (base,), {one.__name__: one for one in methods})


def _translate_name(word: str) -> str:
    """Return the Danish name of an argument that stands as ``{cases}...``."""
    found = re.fullmatch(r"(\[?\{)(\w+)(\}\]?(?:\.\.\.)?)", word)
    if found is None:
        return word
    return f"{found[1]}{translate_word('argument', found[2])}{found[3]}"


def _translate_option(text: str) -> str:
    """Return an option or an argument with the Danish words of its kind of value."""
    text = re.sub(r"<([^<>]+)>", lambda kind: f"<{translate_word('kind', kind[1])}>", text)
    if text.startswith("-"):
        return text
    return re.sub(r"^\w+(?=(?:\.\.\.)? <)", lambda name: translate_word("argument", name[0]), text)


def _translate_row(text: str) -> str:
    """Return what stands beside an option: its help, and its default and limits in brackets."""
    found = _EXTRAS.search(text)
    if found is None:
        return _translate_text(text)
    extras = "; ".join(_translate_extra(one) for one in found[1].split("; "))
    return f"{_translate_text(text[: found.start()].rstrip())}  [{extras}]".lstrip()


def _translate_extra(text: str) -> str:
    name, colon, value = text.partition(": ")
    return f"{translate_word('usage', name)}{colon}{value}"

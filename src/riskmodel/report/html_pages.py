"""The template environment, the style sheet and the scripts that all pages share.

A page is one file that loads nothing: its security policy names the digest of each style
sheet and script that stands in it and forbids everything else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskmodel.domain.labels import Language
from riskmodel.report.phrases import say

__all__ = ["PagePart", "check_link", "embed_data", "render_page", "render_part"]

_JSON_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


@dataclass(frozen=True, slots=True)
class PagePart:
    """A piece of a page that brings a script along.

    Parameters
    ----------
    name : str
        Where it stands in the template.
    html : Markup
        The piece.
    scripts : tuple of str
        Names of scripts among the templates, in the order they are to run.
    """

    name: str
    html: Markup
    scripts: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("riskmodel.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=4)
def _style(more: str) -> tuple[Markup, str]:
    """Return the style sheet and the hash that the page's security policy allows."""
    names = ("report.css", more) if more else ("report.css",)
    css = "".join(_environment().get_template(name).render() for name in names)
    return Markup(css), _digest(css)


@lru_cache(maxsize=16)
def _script(name: str) -> tuple[Markup, str]:
    """Return a script as it stands in its file, and its hash."""
    environment = _environment()
    if environment.loader is None:
        msg = "the template environment has a loader."
        raise AssertionError(msg)
    source, _, _ = environment.loader.get_source(environment, name)
    return Markup(source), _digest(source)


def embed_data(name: str, data: object) -> Markup:
    r"""Return JSON as a block of data that a script of the page reads; nothing in it can run.

    Parameters
    ----------
    name : str
        Identifier of the element.
    data : object
        Plain JSON values; figures must be finite.

    Examples
    --------
    >>> print(embed_data("facts", {"a": "</script>"}))
    <script type="application/json" id="facts">{"a":"\u003c/script\u003e"}</script>
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escaped in _JSON_ESCAPES.items():
        text = text.replace(sign, escaped)
    start = Markup('<script type="application/json" id="{}">').format(name)
    return start + Markup(text) + Markup("</script>")


def render_part(template: str, lang: Language, values: Mapping[str, object]) -> Markup:
    """Return a template rendered as a piece of a page; all text in it is escaped."""
    found = _environment().get_template(template)
    return Markup(found.render(**values, lang=lang, say=partial(say, lang=lang)))


def render_page(
    template: str,
    lang: Language,
    values: Mapping[str, object],
    *,
    scripts: Sequence[str] = (),
    style: str = "",
) -> str:
    """Return a template rendered as one self-contained HTML page.

    Parameters
    ----------
    template : str
        Name of the template.
    lang : {"da", "en"}
        Language of the page.
    values : mapping
        What the template shows; all text in it is escaped.
    scripts : sequence of str
        Names of scripts among the templates; repeats are left out.
    style : str
        Name of a style sheet among the templates that follows the common one.
    """
    css, css_hash = _style(style)
    sources = [_script(name) for name in dict.fromkeys(scripts)]
    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            lang=lang,
            css=css,
            css_hash=css_hash,
            scripts=[source for source, _ in sources],
            script_hashes=" ".join(f"'{digest}'" for _, digest in sources),
            say=partial(say, lang=lang),
        )
    )


def check_link(href: str) -> str:
    """Return a link if it stays within the folder that the pages lie in.

    Raises
    ------
    ValueError
        If the link names a scheme, a host or an absolute path.

    Examples
    --------
    >>> check_link("cases/S-1.html")
    'cases/S-1.html'
    """
    parts = urlsplit(href)
    hidden = any(ord(one) < 33 or one == "\\" for one in href)
    if parts.scheme or parts.netloc or href.startswith("/") or hidden or not href:
        msg = f"A link must be a relative path, got {href!r}; name a file beside the page."
        raise ValueError(msg)
    return href

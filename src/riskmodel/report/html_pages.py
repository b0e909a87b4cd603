"""The template environment and the style sheet that both pages share."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache, partial
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskmodel.domain.labels import Language
from riskmodel.report.phrases import say

__all__ = ["check_link", "render_page"]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("riskmodel.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _style() -> tuple[Markup, str]:
    """Return the style sheet and the hash that the page's security policy allows."""
    environment = _environment()
    css = environment.get_template("report.css").render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Markup(css), f"sha256-{digest}"


def render_page(template: str, lang: Language, values: Mapping[str, object]) -> str:
    """Return a template rendered as one self-contained HTML page.

    Parameters
    ----------
    template : str
        Name of the template.
    lang : {"da", "en"}
        Language of the page.
    values : mapping
        What the template shows; all text in it is escaped.
    """
    css, css_hash = _style()
    return (
        _environment()
        .get_template(template)
        .render(**values, lang=lang, css=css, css_hash=css_hash, say=partial(say, lang=lang))
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

"""What no codebook may hold: origin in any form, and sex as an indicator.

Where a person or a person's family comes from is no field of this program, for any use:
risks that differ by origin have misled public authorities before. Sex may be kept for
fairness tables and nothing else (docs/decisions/0003-age-and-sex.md). Both rules go by the
words in a field's name, labels and levels; a field that hides its meaning is for people
to find.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from riskmodel.domain.codebook import Field

__all__ = ["ORIGIN_REMEDY", "SEX_REMEDY", "find_barred_field"]

ORIGIN_REMEDY: Final = (
    "Remove the field: nationality, origin, ethnicity, language and religion are not used, "
    "not even for tables."
)
SEX_REMEDY: Final = "Set use: audit; sex is kept for fairness tables only."

# Beginnings of words, after accents are taken off: å, æ, ø become a, ae, o.
_ORIGIN: Final = (
    "nationalit", "statsborger", "citizenship", "etnic", "etnisk", "ethnic", "herkomst",
    "oprindelse", "afstamning", "indvandr", "immigra", "migrant", "efterkommer", "descendant",
    "ikkevestlig", "nonwestern", "udlaending", "foreigner", "fremmedsprog",
    "flygtning", "refugee", "race", "racial", "hudfarve", "skincolo", "religio", "trossamf",
    "kirke", "muslim", "modersmal", "mothertongue", "nativelanguage", "birthcountry",
    "countryofbirth", "birthplace", "placeofbirth", "fodeland", "fodested", "oprindelsesland",
    "residencepermit", "opholdstilladelse", "opholdsgrundlag", "asyl", "asylum",
)  # fmt: skip
_ORIGIN_WORDS: Final = frozenset({"origin", "nation", "faith", "tolk", "interpreter"})
_SEX_WORDS: Final = frozenset({
    "sex", "gender", "kon", "male", "female", "mand", "kvinde", "man", "woman", "biologiskkon",
})  # fmt: skip


def find_barred_field(field: Field) -> str | None:
    """Return the remedy for a field that must not be there as it is, or None.

    Parameters
    ----------
    field : Field
        A field of a codebook.

    Examples
    --------
    >>> from riskmodel.domain.labels import Label
    >>> sex = Field("sex", Label("Køn", "Sex"), "yes_no", "intake", use="indicator")
    >>> find_barred_field(sex)
    'Set use: audit; sex is kept for fairness tables only.'
    """
    texts = [field.name, field.label.da, field.label.en]
    levels = [text for level in field.levels for text in (level.label.da, level.label.en)]
    if any(_is_origin(words) for words in map(_split, [*texts, *levels])):
        return ORIGIN_REMEDY
    named = any(_SEX_WORDS & set(words) for words in map(_split, texts))
    of_levels = sum(bool(_SEX_WORDS & set(words)) for words in map(_split, levels)) > 1
    if field.use == "indicator" and (named or of_levels):
        return SEX_REMEDY
    return None


def _is_origin(words: tuple[str, ...]) -> bool:
    # Two words written apart may be one: "country of birth", "ikke-vestlig".
    places = range(len(words))
    joined = ["".join(words[start : start + size]) for size in (1, 2, 3) for start in places]
    return any(one in _ORIGIN_WORDS or one.startswith(_ORIGIN) for one in joined)


def _split(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters without accents; camelCase is split."""
    apart = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", text)
    small = apart.casefold().replace("æ", "ae").replace("ø", "o")
    plain = "".join(
        one for one in unicodedata.normalize("NFKD", small) if not unicodedata.combining(one)
    )
    return tuple(re.findall(r"[a-z]+", plain))

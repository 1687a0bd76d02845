"""Texts for people come from gettext catalogues; this looks them up for one language."""

import gettext
from functools import cache
from pathlib import Path

CATALOGUES = Path(__file__).parent.parent / "locale"
DOMAIN = "assay"


def _(text: str) -> str:
    """Mark a text for the catalogues where no language is known yet; `translations` looks it up."""
    return text


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of this language (BCP 47 primary tag), or the source texts where there is none."""
    return gettext.translation(DOMAIN, CATALOGUES, languages=[language], fallback=True)

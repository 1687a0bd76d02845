"""Which language a page speaks: the best of what the browser asks for among the catalogues that are there."""

from functools import cache

from assay.values.text import CATALOGUES, DOMAIN

SOURCE_LANGUAGE = "en"
MAX_HEADER = 256


@cache
def available_languages() -> frozenset[str]:
    """The languages with a compiled catalogue, and the one the texts are written in."""
    compiled = CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return frozenset({SOURCE_LANGUAGE, *(path.parent.parent.name for path in compiled)})


def preferred_language(accept_language: str, available: frozenset[str]) -> str:
    """The available language with the highest quality (RFC 9110 §12.5.4), by primary tag."""
    wanted = [_weighted(part) for part in accept_language[:MAX_HEADER].split(",")]
    for quality, language in sorted(wanted, key=lambda pair: -pair[0]):
        # Quality 0 is "not acceptable" (§12.4.2).
        if quality > 0 and language in available:
            return language
    return SOURCE_LANGUAGE


def _weighted(part: str) -> tuple[float, str]:
    tag, _, parameter = part.strip().partition(";")
    primary = tag.partition("-")[0].strip().lower()
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0, primary
    try:
        return float(value), primary
    except ValueError:
        return 0.0, primary

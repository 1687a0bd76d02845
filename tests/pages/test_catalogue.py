"""The catalogue's template holds exactly the texts that the source has now."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import assay
from assay.pages.languages import available_languages, preferred_language

SOURCE = Path(assay.__file__).parent
LOCALE = SOURCE / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)[ds]|\{\w+\}")
TAG = re.compile(r"</?\w+>")
LANGUAGES = sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/assay.po"))


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES/assay.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def test_template_is_current() -> None:
    with (SOURCE / "locale/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = {message for _, _, message, _, _ in extract_from_dir(SOURCE, methods, options)}
    with (SOURCE / "locale/messages.pot").open("rb") as template:
        kept = {message.id for message in read_po(template) if message.id}
    assert found == kept, "make it anew: the command is at the head of src/assay/locale/babel.cfg"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    with (LOCALE / "messages.pot").open("rb") as template:
        wanted = {message.id for message in read_po(template) if message.id}
    messages = {message.id: message for message in catalogue(language) if message.id}
    assert set(messages) == wanted
    unsaid = [text for text, message in messages.items() if message.fuzzy or not all(_strings(message.string))]
    assert unsaid == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_takes_the_parameters_of_its_source(language: str) -> None:
    """A placeholder that is missing or misspelt would fail, or leave a gap, in front of the person."""
    found = catalogue(language)
    wrong = [(message.id, str(error)) for message in found for error in message.check(found)]
    for message in found:
        if message.id:
            source, *_ = _strings(message.id)
            wrong += [(source, text) for text in _strings(message.string) if _marks(text) != _marks(source)]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    made = BytesIO()
    write_mo(made, catalogue(language))
    kept = (LOCALE / language / "LC_MESSAGES/assay.mo").read_bytes()
    assert made.getvalue() == kept, "compile it anew: the command is at the head of src/assay/locale/babel.cfg"


def _strings(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _marks(text: str) -> tuple[list[str], list[str]]:
    """Placeholders and tags."""
    return sorted(set(PLACEHOLDER.findall(text))), sorted(TAG.findall(text))


def test_languages() -> None:
    available = frozenset({"en", "de"})
    assert available_languages() == {"en", *LANGUAGES}
    assert "de" in LANGUAGES
    assert preferred_language("de-AT,en;q=0.8", available) == "de"
    assert preferred_language("fr, en;q=0.2, de;q=0.9", available) == "de"
    assert preferred_language("de;q=nonsense, en", available) == "en"
    assert preferred_language("fr, de;q=0", available) == "en"
    assert preferred_language("", available) == "en"

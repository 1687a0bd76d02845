"""The catalogue's template holds exactly the texts that the source has now."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import assay
from assay.pages.languages import available_languages, preferred_language

SOURCE = Path(assay.__file__).parent


def test_template_is_current() -> None:
    with (SOURCE / "locale/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = {message for _, _, message, _, _ in extract_from_dir(SOURCE, methods, options)}
    with (SOURCE / "locale/messages.pot").open("rb") as template:
        kept = {message.id for message in read_po(template) if message.id}
    assert found == kept, "make it anew: the command is at the head of src/assay/locale/babel.cfg"


def test_languages() -> None:
    available = frozenset({"en", "de"})
    assert "en" in available_languages()
    assert preferred_language("de-AT,en;q=0.8", available) == "de"
    assert preferred_language("fr, en;q=0.2, de;q=0.9", available) == "de"
    assert preferred_language("de;q=nonsense, en", available) == "en"
    assert preferred_language("fr, de;q=0", available) == "en"
    assert preferred_language("", available) == "en"

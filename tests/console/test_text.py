"""The console's texts: each in English and in German, with the same places to fill."""

import json
import re
from pathlib import Path

import assay.console

TEXTS = Path(assay.console.__file__).parent / "app" / "src" / "texts"
ENTRY = re.compile(r'^  (\w+): \[("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\],$', re.MULTILINE)
PLACE = re.compile(r"\{(\d)")


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    catalogue = "".join(file.read_text() for file in sorted(TEXTS.glob("*.ts")))
    entries = ENTRY.findall(catalogue)
    assert len(entries) == len(re.findall(r"^  \w+: ", catalogue, re.MULTILINE)) > 200
    # The files become one catalogue, in which a second one of a name would hide the first.
    assert len({key for key, _, _ in entries}) == len(entries)
    for key, english, german in entries:
        first, second = json.loads(english), json.loads(german)
        assert first, key
        assert second, key
        assert set(PLACE.findall(first)) == set(PLACE.findall(second)), key

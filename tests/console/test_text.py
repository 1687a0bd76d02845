"""The console's texts: each in English and in German, with the same places to fill."""

import json
import re
from pathlib import Path

import assay.console

TEXT = Path(assay.console.__file__).parent / "app" / "src" / "text.ts"
ENTRY = re.compile(r'^  (\w+): \[("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\],$', re.MULTILINE)
PLACE = re.compile(r"\{(\d)")


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    written = TEXT.read_text()
    catalogue = written[written.index("const CATALOGUE") : written.index("} as const;")]
    entries = ENTRY.findall(catalogue)
    assert len(entries) == len(re.findall(r"^  \w+: ", catalogue, re.MULTILINE)) > 200
    for key, english, german in entries:
        first, second = json.loads(english), json.loads(german)
        assert first, key
        assert second, key
        assert set(PLACE.findall(first)) == set(PLACE.findall(second)), key

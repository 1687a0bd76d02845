"""What the console's catalogue says of proofs in German, by the English that the service says."""

import json
import re
from pathlib import Path

import assay.console

SOURCES = Path(assay.console.__file__).parent / "app" / "src"
SAID = re.compile(r'^  said\w+: \[("(?:[^"\\]|\\.)*"), ', re.MULTILINE)


def said() -> list[str]:
    """The sentences, with {0} where a name is."""
    return [json.loads(found) for found in SAID.findall((SOURCES / "texts" / "proofs.ts").read_text())]


def translated(words: str) -> bool:
    """Whether one of them is this."""
    return any(re.fullmatch(re.escape(each).replace(r"\{0\}", ".+"), words) for each in said())


def keys_of(table: str) -> set[str]:
    """The keys of a table in `proof_words.ts`."""
    source = (SOURCES / "policy" / "proof_words.ts").read_text()
    body = source.split(f"const {table}: ", 1)[1].split("= {", 1)[1].split("};", 1)[0]
    return {quoted or plain for quoted, plain in re.findall(r'(?:"([\w.]+)"|\b(\w+)): "clause', body)}

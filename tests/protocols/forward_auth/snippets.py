"""The configurations of docs/forward-auth.md, exactly as they stand there but for names, addresses and the secret."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "forward-auth.md"
_FILE = re.compile(r"^#### `(/etc/[^`]+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)


def files_of(program: str) -> dict[str, str]:
    """The files in the section of this program, by their path."""
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.M)
    section = next(each for each in sections if each.lower().startswith(program))
    return dict(_FILE.findall(section))


def placed(program: str, directory: Path, replaced: dict[str, str]) -> dict[str, Path]:
    """The files written to this directory with their placeholders replaced, each of which must be in one of them."""
    files = files_of(program)
    assert files, program
    written = {path: directory / Path(path).name for path in files}
    places = {path: str(file) for path, file in written.items() if any(path in text for text in files.values())}
    for old, new in {**replaced, **places}.items():
        assert any(old in text for text in files.values()), (program, old)
        files = {path: text.replace(old, new) for path, text in files.items()}
    for path, file in written.items():
        file.write_text(files[path])
    return written

"""The table of docs/forward-auth.md: `python -m tests.protocols.forward_auth.matrix` writes it anew."""

import re
import sys
import tempfile
from pathlib import Path

from tests.protocols.forward_auth.attacks import GROUPS
from tests.protocols.forward_auth.judge import cell_of
from tests.protocols.forward_auth.programs import PROGRAMS, version_of
from tests.protocols.forward_auth.snippets import PAGE
from tests.protocols.forward_auth.stage import Stage, staged

BEGIN, END = "<!-- matrix -->\n", "<!-- end of the matrix -->\n"


def table(stage: Stage) -> str:
    """Every attack on every program."""
    lines = [f"|  | {' | '.join(f'{program} {version_of(program)}' for program in PROGRAMS)} |", "|---" * 6 + "|"]
    for title, attacks in GROUPS:
        lines.append(f"| *{title}* |" + " |" * len(PROGRAMS))
        for attack in attacks:
            cells = []
            for program in PROGRAMS:
                try:
                    cells.append(cell_of(stage, program, attack))
                except AssertionError as error:
                    sys.stderr.write(f"{program}: {attack.name}: {error}\n")
                    cells.append("LEAK")
            lines.append(f"| {attack.name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def documented() -> dict[tuple[str, str, str], str]:
    """The cells of the page: by group, attack and program."""
    found, group = {}, ""
    for line in PAGE.read_text().partition(BEGIN)[2].partition(END)[0].splitlines()[2:]:
        name, *cells = (cell.strip() for cell in line.strip("|").split(" |"))
        if name.startswith("*") and not any(cells):
            group = name.strip("*")
            continue
        found.update({(group, name, program): cell for program, cell in zip(PROGRAMS, cells, strict=True)})
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as directory, staged(Path(directory)) as stage:
        made = table(stage)
    page = PAGE.read_text()
    assert BEGIN in page, "the page has no place for it"
    PAGE.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}{made}{END}", page, flags=re.S))
    return 1 if "LEAK" in made else 0


if __name__ == "__main__":
    sys.exit(main())

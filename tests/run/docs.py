"""`./run docs`: the documents as pages, in `site/`; whatever Sphinx warns of, such as a broken link, is an error."""

import sys
from pathlib import Path

from sphinx.cmd.build import build_main

ROOT = Path(__file__).parent.parent.parent


def main(arguments: list[str]) -> int:
    source, out = map(Path, arguments or (ROOT, ROOT / "site"))
    strict = ("--fail-on-warning", "--nitpicky", "--quiet", "--fresh-env")
    status: int = build_main([*strict, "--conf-dir", str(source / "docs"), "-b", "html", str(source), str(out)])
    if status == 0:
        sys.stdout.write(f"{out / 'docs' / 'index.html'}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How Sphinx builds these pages (`./run docs`): strictly, from the files as they are read on a code forge."""

import re
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "Assay"
extensions = ["myst_parser"]
# The repository is the source, so that links between the pages here and those beside README.md are real ones.
root_doc = "docs/index"
include_patterns = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**.md"]
exclude_patterns = [".*", "dist", "examples", "packaging", "site", "src", "tests", "**/node_modules"]
# Anchors as a forge makes them; a link to one that is not there is an error.
myst_heading_anchors = 4
# Indented blocks are commands; everything else says in its fence what it is (tests/docs/test_commands.py).
highlight_language = "sh"
# How deep a heading is says nothing that a reader could follow wrongly.
# A block of several requests (docs/api.md) is coloured as HTTP, though it is no message.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
html_theme = "furo"
html_title = "Assay"
html_copy_source = False


# Pages whose own lists are the table of contents as well: there is one, for both readers.
LISTS = {
    root_doc: r"^- \[(?P<title>[^\]]+)\]\((?P<page>[^)]+)\.md\)$",
    "docs/decisions/README": r"^\| \[(?P<title>\d{4})\]\((?P<page>\d{4}-[^)]+)\.md\)",
}


def with_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """Add to such a page, out of sight, the contents that its lists are; and to the index what no list names."""
    if docname not in LISTS:
        return
    text, listed = source[0], set[str]()
    for part in re.split(r"^## ", text, flags=re.M):
        pages = [found["page"] for found in re.finditer(LISTS[docname], part, re.M)]
        listed.update(pages)
        source[0] += contents(part.partition("\n")[0] if docname == root_doc else "", pages)
    if docname == root_doc:
        here = {path.stem for path in (Path(app.srcdir) / "docs").glob("*.md")} - {Path(root_doc).name}
        source[0] += contents("More", sorted(here - listed))


def contents(caption: str, pages: list[str]) -> str:
    """A table of contents out of sight; nothing for no pages."""
    options = f":hidden:\n:caption: {caption}" if caption else ":hidden:"
    return "\n".join(("\n```{toctree}", options, "", *pages, "```\n")) if pages else ""


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_contents)
    # Pygments has none; the block is shown as it is.
    app.add_lexer("haproxy", TextLexer)

"""How Sphinx builds these pages (`./run docs`): strictly, from the files as they are read on a code forge."""

import re

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
suppress_warnings = ["myst.header"]
html_theme = "furo"
html_title = "Assay"
html_copy_source = False


# Pages whose own lists are the table of contents as well: there is one, for both readers.
LISTS = {
    root_doc: r"^- \[(?P<title>[^\]]+)\]\((?P<page>[^)]+)\.md\)$",
    "docs/decisions/README": r"^\| \[(?P<title>\d{4})\]\((?P<page>\d{4}-[^)]+)\.md\)",
}


def with_contents(_: Sphinx, docname: str, source: list[str]) -> None:
    """Add to such a page, out of sight, the contents that its lists are."""
    if docname not in LISTS:
        return
    for part in re.split(r"^## ", source[0], flags=re.M):
        caption = part.partition("\n")[0] if docname == root_doc else ""
        pages = [found["page"] for found in re.finditer(LISTS[docname], part, re.M)]
        if pages:
            options = f":hidden:\n:caption: {caption}" if caption else ":hidden:"
            source[0] += "\n".join(("\n```{toctree}", options, "", *pages, "```\n"))


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_contents)
    # Pygments has none; the block is shown as it is.
    app.add_lexer("haproxy", TextLexer)

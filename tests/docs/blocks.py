"""Commands in the documents: the blocks that a reader copies, and the commands that sentences name."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = ("sh", "shell", "bash", "console")
# A comment of the shell: at the start of a word, to the end of the line.
_COMMENT = re.compile(r"(?:^|(?<=\s))#(?:\s.*|!.*|)$", re.M)
_SEPARATORS = re.compile(r"[;&|\n]+")


@dataclass(frozen=True)
class Block:
    """A block of a page; `language` is what its fence says, and "sh" where it is only indented."""

    page: str
    line: int
    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command of a shell block: its words, and the file that takes what it prints."""

    page: str
    line: int
    words: tuple[str, ...]
    into: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {shlex.join(self.words)}"

    @property
    def normal(self) -> str:
        """The command, with our program called by its name."""
        return " ".join(self.words if self.assay is None else ("assay", *self.assay))

    @property
    def assay(self) -> tuple[str, ...] | None:
        """The arguments of our program, however it is called there; None where it is another one."""
        words = self.words
        if words[:1] == ("runuser",) and "--" in words:
            words = words[words.index("--") + 1 :]
        if words[:2] == ("./run", "demo"):
            return ("up", "--demo", *words[2:])
        if words[:2] == ("./run", "assay"):
            return words[2:]
        return words[1:] if words and Path(words[0]).name == "assay" else None


def blocks(page: Path) -> Iterator[Block]:
    """Every block of code, in the page's order."""
    name = page.relative_to(ROOT).as_posix()
    for token in MarkdownIt("commonmark").parse(page.read_text()):
        if token.type in ("code_block", "fence"):
            language = "sh" if token.type == "code_block" else token.info.strip()
            yield Block(name, (token.map or [0])[0] + 1, language, token.content)


def commands(block: Block) -> Iterator[Command]:
    """The commands of a shell block; raises ValueError where a quotation does not end."""
    text = _COMMENT.sub("", block.text.replace("\\\n", " "))
    # New lines separate commands, except within quotes.
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|<>\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    into = ""
    redirected = False
    for word in [*lexer, "\n"]:
        if redirected:
            into, redirected = word, False
        elif word in (">", ">>"):
            redirected = True
        elif _SEPARATORS.fullmatch(word):
            if words:
                yield Command(block.page, block.line, tuple(words), into)
            words, into = [], ""
        else:
            words.append(word)


def named_commands(page: Path) -> Iterator[Command]:
    """What sentences and tables name of our program: `assay …` or `./run …` in code."""
    name = page.relative_to(ROOT).as_posix()
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        for span in _code(token):
            if re.match(r"(?:assay|\./run) [a-z-]", span):
                yield Command(name, (token.map or [0])[0] + 1, tuple(span.split()))


def _code(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type == "code_inline":
            yield child.content

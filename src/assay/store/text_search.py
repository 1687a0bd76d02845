"""A text inside another, in the words of each database: no LIKE, whose case SQLite ignores and PostgreSQL does not."""

from typing import Final

from sqlalchemy import Boolean, ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_LAST: Final = "\U0010ffff"
_SURROGATES: Final = range(0xD800, 0xE000)


class _HasText(FunctionElement[bool]):
    """Arguments: the column, the text."""

    type = Boolean()
    inherit_cache = True


class _BeginsWith(FunctionElement[bool]):
    """Arguments: the column, the text, the first text beyond all that begin with it."""

    type = Boolean()
    inherit_cache = True


def has_text(column: ColumnElement[object], text: str) -> ColumnElement[bool]:
    """Whether the column has this text anywhere."""
    return _HasText(column, literal(text))


def begins_with(column: ColumnElement[object], text: str) -> ColumnElement[bool]:
    """Whether the column begins with this text, which is not empty; on SQLite an index on the column answers it."""
    return _BeginsWith(column, literal(text), literal(beyond(text)))


def beyond(text: str) -> str:
    """The least text that is larger than every text that begins with this one, by code points."""
    stem = text.rstrip(_LAST)
    if not stem:
        return text + _LAST
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)


@compiles(_HasText, "sqlite")
def _has_text_sqlite(element: _HasText, compiler: SQLCompiler, **options: object) -> str:
    return f"(instr({_arguments(element, compiler, options, 2)}) > 0)"


@compiles(_HasText, "postgresql")
def _has_text_postgresql(element: _HasText, compiler: SQLCompiler, **options: object) -> str:
    return f"(strpos({_arguments(element, compiler, options, 2)}) > 0)"


@compiles(_BeginsWith, "sqlite")
def _begins_with_sqlite(element: _BeginsWith, compiler: SQLCompiler, **options: object) -> str:
    # STRICT columns compare as memcmp of UTF-8, which is the order of code points.
    column, text, end = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} >= {text} AND {column} < {end})"


@compiles(_BeginsWith, "postgresql")
def _begins_with_postgresql(element: _BeginsWith, compiler: SQLCompiler, **options: object) -> str:
    # Its collation may order texts by a language's rules, under which no range means a beginning.
    return f"starts_with({_arguments(element, compiler, options, 2)})"


def _arguments(element: FunctionElement[bool], compiler: SQLCompiler, options: dict[str, object], count: int) -> str:
    return ", ".join(compiler.process(each, **options) for each in list(element.clauses)[:count])

"""Statements of every sign-in, made into text once: SQLAlchemy takes several times as long as SQLite to do them."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from sqlalchemy import Connection, Executable, LargeBinary, Row
from sqlalchemy import Dialect as Speech
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import TypeEngine

from assay.store.dialect import Dialect
from assay.store.reader import Reader
from assay.store.transaction import Transaction

Found: TypeAlias = Row[tuple[object, ...]]
Parameters: TypeAlias = Mapping[str, object]
_Convert: TypeAlias = Callable[[object], object] | None

_NONE: Final[Parameters] = {}


class Prepared:
    """One statement, or what makes it for a database (as `upsert`).

    On SQLite it goes to the driver as it is, in the transaction of the connection, with the converters of its columns'
    types; what the driver raises is raised as SQLAlchemy raises it. On PostgreSQL it takes SQLAlchemy's own way, by
    which its deadlines hold.
    """

    def __init__(self, statement: Executable | Callable[[str], Executable]) -> None:
        self._statement = statement
        self._made: dict[str, Executable] = {}
        # By the names of the parameters: an INSERT names the columns that it is given.
        self._texts: dict[tuple[str, ...], _Text] = {}

    def rows(self, reader: Reader, parameters: Parameters = _NONE) -> Sequence[Found]:
        """Every row."""
        connection = reader.connection
        if connection.dialect.name != Dialect.SQLITE:
            return cast("Sequence[Found]", connection.execute(self._of(connection), parameters).all())
        text = self._text(connection, parameters)
        return text.read(_sent(connection, text.words, text.values(parameters)))

    def one(self, reader: Reader, parameters: Parameters = _NONE) -> Found | None:
        """The only row there can be, or None; raises LookupError for several."""
        found = self.rows(reader, parameters)
        if len(found) > 1:
            raise LookupError(f"{len(found)} rows where there can be one")
        return found[0] if found else None

    def run(self, transaction: Transaction, *parameters: Parameters) -> None:
        """Do it with each of these; nothing without any."""
        connection = transaction.connection
        if not parameters:
            return
        if connection.dialect.name != Dialect.SQLITE:
            connection.execute(self._of(connection), list(parameters) if len(parameters) > 1 else parameters[0])
            return
        for each in parameters:
            text = self._text(connection, each)
            _sent(connection, text.words, text.values(each))

    def tables(self) -> str:
        """What a look-up looks at, for people."""
        looked = self._statement
        return ", ".join(map(str, looked.get_final_froms())) if isinstance(looked, SelectBase) else ""

    def _of(self, connection: Connection) -> Executable:
        statement, dialect = self._statement, connection.dialect.name
        if isinstance(statement, Executable):
            return statement
        made = self._made.get(dialect)
        if made is None:
            made = self._made[dialect] = statement(dialect)
        return made

    def _text(self, connection: Connection, parameters: Parameters) -> "_Text":
        names = tuple(parameters)
        text = self._texts.get(names)
        if text is None:
            text = self._texts[names] = _Text(self._of(connection), connection.dialect, names)
        return text


class _Text:
    """A statement in SQLite's words, what its parameters become on the way there, and columns on the way back."""

    def __init__(self, statement: Executable, speech: Speech, names: tuple[str, ...]) -> None:
        made = cast("ClauseElement", statement).compile(dialect=speech, column_keys=list(names))
        assert isinstance(made, SQLCompiler)
        missing = [name for name in made.positiontup or () if made.binds[name].required and name not in names]
        if missing:
            # It would be NULL, and match nothing or wipe something.
            raise LookupError(f"a statement is not given {', '.join(missing)}")
        self.words: Final = str(made)
        self._parameters = tuple(
            (name, made.params[name], _to_driver(made.binds[name].type, speech)) for name in made.positiontup or ()
        )
        columns = statement.selected_columns if isinstance(statement, SelectBase) else ()
        self._back = tuple(_from_driver(column.type, speech) for column in columns)
        self._row = result_tuple([column.key or "" for column in columns])

    def values(self, parameters: Parameters) -> tuple[object, ...]:
        """In the order of the statement; what is not given is what the statement itself says, as a limit."""
        return tuple(
            parameters.get(name, said) if convert is None else convert(parameters.get(name, said))
            for name, said, convert in self._parameters
        )

    def read(self, found: Sequence[tuple[object, ...]]) -> Sequence[Found]:
        """The rows with the values that the columns' types say."""
        return [
            cast(
                "Found",
                self._row(
                    [
                        value if convert is None else convert(value)
                        for value, convert in zip(row, self._back, strict=True)
                    ]
                ),
            )
            for row in found
        ]


def _to_driver(kind: TypeEngine[object], speech: Speech) -> _Convert:
    if isinstance(kind, LargeBinary):
        # SQLite's driver takes octets as they are; SQLAlchemy wraps them for others.
        return None
    return kind.dialect_impl(speech).bind_processor(speech)


def _from_driver(kind: TypeEngine[object], speech: Speech) -> _Convert:
    return kind.dialect_impl(speech).result_processor(speech, None)


def _sent(connection: Connection, words: str, values: tuple[object, ...]) -> Sequence[tuple[object, ...]]:
    """What SQLite answers, in the connection's transaction."""
    if not connection.in_transaction():
        # SQLAlchemy begins with its first statement, and has not seen this one.
        connection.begin()
    return say(connection, words, values)


def say(connection: Connection, words: str, values: tuple[object, ...] = ()) -> Sequence[tuple[object, ...]]:
    """What SQLite answers to a statement in its own words; raises what SQLAlchemy would."""
    driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    try:
        return driver.execute(words, values).fetchall()
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            words, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
        ) from error

"""Column types that read the same on SQLite (STRICT tables) and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import BigInteger, Boolean, Dialect, Integer, LargeBinary
from sqlalchemy import Text as SqlText
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Text = SqlText
Id = SqlText
Octets = LargeBinary
Count = BigInteger().with_variant(Integer(), "sqlite")


class Flag(TypeDecorator[bool]):
    """A truth value; an integer on SQLite, whose STRICT tables know no BOOLEAN."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[bool] | TypeEngine[int]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> bool | int | None:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: bool | int | None, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, kept as whole microseconds since 1970; a naive datetime is refused."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Json(TypeDecorator[T], Generic[T]):
    """A typed value as JSON text; decoding checks it against its type."""

    impl = SqlText
    cache_ok = True

    def __init__(self, shape: type[T]) -> None:
        super().__init__()
        self.shape = shape
        self._decoder = msgspec.json.Decoder(shape)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        return None if value is None else self._decoder.decode(value)

"""A column of sealed values, as the room that owns it declares it, so that a rotation can seal it anew."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Column, Row, Table, func, select, update

from assay.sealing.seal import KEY_ID_BYTES, KeyId, Keyring
from assay.store import Reader, Transaction
from assay.values import Value

# The first byte is the version; the master key's id follows (seal.py).
_ID_AT: Final = 2


class SealedColumn(Value, frozen=True, kw_only=True):
    """Where sealed values are kept, and the context that each row's value is sealed for."""

    column: Column[bytes]
    context: Callable[[Row[*tuple[object, ...]]], str]
    # The column beside it that repeats the master key's id, where there is one.
    sealed_with: Column[str] | None = None

    @property
    def table(self) -> Table:
        found = self.column.table
        assert isinstance(found, Table)
        return found

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"


def sealed_under(reader: Reader, sealed: SealedColumn) -> Mapping[KeyId, int]:
    """How many values of this column each master key seals."""
    key_id = func.substr(sealed.column, _ID_AT, KEY_ID_BYTES)
    query = select(key_id, func.count()).where(sealed.column.is_not(None)).group_by(key_id)
    return {KeyId(bytes(found).hex()): count for found, count in reader.connection.execute(query)}


def reseal_some(transaction: Transaction, sealed: SealedColumn, keyring: Keyring, *, limit: int) -> int:
    """Seal at most `limit` values anew with the newest master key; how many, 0 when none is left.

    Raises UnknownMasterKeyError or SealBrokenError for a value that does not open: it must not be left behind unseen.
    """
    newest = bytes.fromhex(keyring.newest.id)
    old = (
        select(sealed.table)
        .where(sealed.column.is_not(None), func.substr(sealed.column, _ID_AT, KEY_ID_BYTES) != newest)
        .limit(limit)
    )
    rows = transaction.connection.execute(old).all()
    for row in rows:
        context, before = sealed.context(row), getattr(row, sealed.column.name)
        values: dict[Column[bytes] | Column[str], bytes | str] = {
            sealed.column: keyring.seal(keyring.open(before, context=context), context=context)
        }
        if sealed.sealed_with is not None:
            values[sealed.sealed_with] = keyring.newest.id
        # Somebody may have replaced it meanwhile: only this very value is replaced.
        same = (*(column == getattr(row, column.name) for column in sealed.table.primary_key), sealed.column == before)
        transaction.connection.execute(update(sealed.table).where(*same).values(values))
    return len(rows)

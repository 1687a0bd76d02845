"""The table of authentication contexts that have a name."""

from sqlalchemy import Column, delete, insert, select

from assay.governance.authentication_contexts import AuthenticationContext
from assay.store import Json, Reader, Text, Transaction, table

context_table = table(
    "authentication_context",
    Column("id", Text, primary_key=True),
    Column("definition", Json(AuthenticationContext), nullable=False),
)


def put(transaction: Transaction, context: AuthenticationContext) -> None:
    """Add a context or replace the one with its id."""
    remove(transaction, context.id)
    transaction.connection.execute(insert(context_table).values(id=context.id, definition=context))


def remove(transaction: Transaction, context_id: str) -> bool:
    """Remove a context; False when there was none."""
    result = transaction.connection.execute(delete(context_table).where(context_table.c.id == context_id))
    return result.rowcount == 1


def every(reader: Reader) -> tuple[AuthenticationContext, ...]:
    """Every context, c2 before c10."""
    found = reader.connection.execute(select(context_table.c.definition)).scalars()
    return tuple(sorted(found, key=lambda context: int(context.id[1:])))

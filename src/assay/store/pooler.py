"""Whether something between us and PostgreSQL hands our statements to one server process now and to another then."""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import psycopg

Row = TypeVar("Row")


def is_pooled(connection: "psycopg.Connection[Row]") -> bool:
    """Ask the server who it is: a pooler such as PgBouncer makes up the number that it greets a client with.

    Through one nothing may be prepared under a name, which another process would not know, and nothing listened to.
    """
    from psycopg.rows import scalar_row

    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("SELECT pg_backend_pid()").fetchone() != connection.info.backend_pid


def prepare_nothing(connection: "psycopg.Connection[Row]") -> None:
    """Send every statement whole (psycopg, "Prepared statements")."""
    connection.prepare_threshold = None

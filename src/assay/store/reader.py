"""One consistent snapshot of the database, as records are handed it."""

from sqlalchemy import Connection


class Reader:
    """One consistent snapshot of the database."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

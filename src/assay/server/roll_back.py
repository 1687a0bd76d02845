"""Take a stopped service's database back to the schema of the release before; the log says that it was."""

import secrets
from datetime import datetime

from sqlalchemy import Connection

from assay.events import SALT_BYTES, About, Actor, Entity, change, record
from assay.events.types import SCHEMA_ROLLED_BACK
from assay.store import Database, Transaction
from assay.store.migrate import revisions
from assay.store.rollback import Loss, go_back
from assay.values import Reason, Value


class SchemaRollBack(Value, frozen=True, kw_only=True):
    """From where to where; what had no place there is gone."""

    schema: str
    lost: tuple[Loss, ...] = ()


def roll_back(database: Database, revision: str, *, lose: bool, at: datetime) -> tuple[Loss, ...]:
    """Raises WouldLoseError unless `lose`, InvalidInputError and StoreUnavailableError; then nothing was changed."""

    def say(connection: Connection) -> None:
        event = change(
            SCHEMA_ROLLED_BACK,
            at=at,
            actor=Actor.system(),
            about=About(entity=Entity(uid="schema", type="database")),
            before=SchemaRollBack(schema=revisions()[-1]),
            after=SchemaRollBack(schema=revision),
            reason=Reason.of("byAdministrator"),
        )
        record(Transaction(connection), event, salt=secrets.token_bytes(SALT_BYTES))

    return go_back(database, revision, lose=lose, before=say)

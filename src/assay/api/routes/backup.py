"""/v1/backups: everything, sealed before it leaves the service."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from assay.access.attempt import By
from assay.access.note_backup import MadeBackup
from assay.api.flows import AdminFlows
from assay.api.shapes.backup import BackupNoted, BackupTaken, TakeBackup
from assay.values import InvalidInputError

KEY_BYTES: Final = 32


@post("/backups", status_code=200)
async def take_backup(
    data: JSONBody[TakeBackup], flows: NamedDependency[AdminFlows], by: NamedDependency[By]
) -> Stream:
    """The sealed segments of one snapshot; a stream that breaks off is no backup, and cannot be taken for one."""
    if len(data.content_key) != KEY_BYTES:
        raise InvalidInputError(f"a content key has {KEY_BYTES} bytes")
    return Stream(await flows.backup(by, data.content_key, data.header), media_type="application/octet-stream")


@post("/backups/made", status_code=200)
async def backup_made(
    data: JSONBody[BackupTaken], flows: NamedDependency[AdminFlows], by: NamedDependency[By]
) -> BackupNoted:
    """Record a backup that was written whole."""
    made = MadeBackup(
        taken_at=data.taken_at, records=data.records, octets=data.octets, sealed_for=data.sealed_for[:100]
    )
    await flows.note_backup(by, made)
    return BackupNoted(taken_at=data.taken_at)


ROUTES: Final = (take_backup, backup_made)

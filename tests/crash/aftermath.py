"""What must hold after a crash, whenever it came."""

import asyncio
import socket
from dataclasses import dataclass, field
from pathlib import Path
from select import select as select_files

import msgspec
from sqlalchemy import select, text

from assay.cli.bench.stage import Stage
from assay.events.records.log import event_table
from assay.governance.records.assignments import app_assignments
from assay.identities.records.users import users
from assay.sessions.records.sessions import app_session_table, session_table
from assay.store import Database, Reader

LONGEST_DEATH_SECONDS = 60.0


@dataclass
class Acknowledged:
    """What clients were told is done: sessions by the hash of their secret, people (enabled or not), assignments."""

    sessions: set[bytes] = field(default_factory=set)
    app_sessions: set[bytes] = field(default_factory=set)
    users: dict[str, bool] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    answers: int = 0


class Verdict(msgspec.Struct):
    """What `assay events verify` says."""

    ok: bool
    size: int
    findings: list[msgspec.Raw]


async def gone_without_trace(envoy: int, port: int) -> None:
    """Envoy dies with its parent (`envoy` is its pidfd, which becomes readable at its end); the port is free again."""
    ended, _, _ = await asyncio.to_thread(select_files, [envoy], [], [], LONGEST_DEATH_SECONDS)
    assert ended, "Envoy outlives the service"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


async def log_verifies(stage: Stage) -> int:
    """The whole log against its tree, its signatures and the checkpoints kept outside; how many records it has."""
    answer = await stage.admin.verify_log("".join(p.read_text() for p in stage.directory.rglob("checkpoints.txt")))
    verdict = msgspec.json.decode(answer, type=Verdict)
    assert verdict.ok, verdict.findings
    return verdict.size


async def all_is_there(data: Path, acknowledged: Acknowledged) -> None:
    """Acknowledged ids ⊆ database, and no half rows: everything has the event that tells of it, and the reverse."""
    database = Database.at(data / "assay.db")
    try:
        await asyncio.to_thread(_look, database, acknowledged)
    finally:
        database.close()


def _look(database: Database, acknowledged: Acknowledged) -> None:
    with database.reading.connect() as connection:
        reader = Reader(connection)
        assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        enabled = {row.id: row.enabled for row in connection.execute(select(users.c.id, users.c.enabled))}
        stored = {row.id: row.secret_hash for row in connection.execute(select(session_table))}
        copies = {row.secret_hash: row.session_id for row in connection.execute(select(app_session_table))}
        assigned = {held.holder.id for held in app_assignments(reader)}
        told = _told(reader)
    lost = acknowledged.users.keys() - enabled.keys()
    assert not lost, f"acknowledged and lost: {lost}"
    assert acknowledged.users.items() <= enabled.items(), "acknowledged, and not as it was acknowledged"
    assert acknowledged.assigned <= assigned, f"acknowledged and lost: {acknowledged.assigned - assigned}"
    assert acknowledged.sessions <= set(stored.values()), "an acknowledged session was lost"
    assert acknowledged.app_sessions <= copies.keys(), "an acknowledged session at an app's host was lost"
    assert set(copies.values()) <= stored.keys()
    assert told["user.created"] == enabled.keys()
    assert told["user.disabled"] == {user for user, is_enabled in enabled.items() if not is_enabled}
    assert told["session.started"] == stored.keys()


def _told(reader: Reader) -> dict[str, set[str]]:
    """Of whom, or of which session, the log tells: by type of event."""
    told: dict[str, set[str]] = {"user.created": set(), "user.disabled": set(), "session.started": set()}
    for row in reader.connection.execute(select(event_table).where(event_table.c.code.in_(told))):
        told[row.code].add(row.session_id if row.code == "session.started" else row.user_id)
    return told

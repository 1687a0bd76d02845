"""/v1.0/assay/log: how far the log is signed, and whether it is whole."""

from datetime import datetime
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.exceptions import TooManyRequestsException

from assay.access.authorize import Permission
from assay.access.overview import Glance, LogState
from assay.access.search_events import Log
from assay.values import Wire

# A backup waits behind it, and keeps the keys from rotating meanwhile: nobody may line these up.
VERIFY_RETRY_SECONDS: Final = "30"


class LogStateShape(Wire, frozen=True, kw_only=True):
    """How many events there are, and how many of them the last checkpoint holds."""

    size: int
    signed_size: int
    last_checkpoint_date_time: datetime | None


class FindingShape(Wire, frozen=True, kw_only=True):
    """Something that is not as it was signed, and at which events."""

    kind: str
    first: int
    last: int


class VerificationShape(Wire, frozen=True, kw_only=True):
    """Whether the log is whole; `root` in hex. Against a rewritten database only checkpoints kept outside help."""

    ok: bool
    size: int
    root: str | None
    anchored_size: int
    decisions: int
    findings: tuple[FindingShape, ...]


@get("/assay/log", opt={"permission": Permission.AUDIT_LOG_READ_ALL})
async def show_log(glance: NamedDependency[Glance]) -> LogStateShape:
    """How far the log is signed."""
    return log_state(await glance.log())


@post("/assay/log/verify", status_code=200, opt={"permission": Permission.AUDIT_LOG_READ_ALL})
async def verify_log(log: NamedDependency[Log]) -> VerificationShape:
    """Read the whole log against its own checkpoints; takes seconds for a large one, one caller at a time."""
    if log.verifying:
        raise TooManyRequestsException(
            "the log is verified already; ask again when that is done", headers={"Retry-After": VERIFY_RETRY_SECONDS}
        )
    verdict = await log.verify()
    return VerificationShape(
        ok=verdict.ok,
        size=verdict.size,
        root=None if verdict.root is None else verdict.root.hex(),
        anchored_size=verdict.anchored,
        decisions=verdict.decisions,
        findings=tuple(
            FindingShape(kind=each.kind.value, first=each.first, last=each.last) for each in verdict.findings
        ),
    )


ROUTES: Final = (show_log, verify_log)


def log_state(state: LogState) -> LogStateShape:
    """The same in the API's shape."""
    return LogStateShape(size=state.size, signed_size=state.signed, last_checkpoint_date_time=state.signed_at)

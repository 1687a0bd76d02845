"""Versions of policies, and what differs between two."""

from datetime import datetime

from assay.api.shapes.policies import FileShape
from assay.api.shapes.published import PublishedShape
from assay.values import Wire


class VersionShape(Wire, frozen=True, kw_only=True):
    """One version: `displayName` and `state` are null where the policy was removed with it.

    `by`: who made it; null where the log does not say.
    `effect`: what became of who is let in by all that was published with it (tightens, loosens, unchanged, notKnown);
    null where nothing of the policy decides, before and after. `published`: what was proved of that.
    """

    version: int
    at: datetime
    by: str | None
    display_name: str | None
    state: str | None
    effect: str | None = None
    published: PublishedShape | None = None


class VersionList(Wire, frozen=True, kw_only=True):
    """Every version of one policy, the last first."""

    value: tuple[VersionShape, ...]


class VersionToRestore(Wire, frozen=True, kw_only=True):
    """The number of the version to store anew; `override`: why it may break an invariant of the owner."""

    version: int
    override: str = ""


class SideShape(Wire, frozen=True, kw_only=True):
    """A policy by id or name, as it is now or at a version; or the one of a file."""

    name: str = ""
    version: int | None = None
    file: FileShape | None = None


class DiffRequest(Wire, frozen=True, kw_only=True):
    """Two policies to compare."""

    before: SideShape
    after: SideShape


class DifferenceShape(Wire, frozen=True, kw_only=True):
    """One part that differs: of a list what is added and removed, of anything else what it was and what it becomes.

    `path` is Graph's, `what` what people call it; ids are given by their names of today.
    """

    path: str
    what: str
    before: str | None
    after: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]


class Differences(Wire, frozen=True, kw_only=True):
    """Everything that differs; `before` and `after` are the names of the two."""

    before: str
    after: str
    value: tuple[DifferenceShape, ...]

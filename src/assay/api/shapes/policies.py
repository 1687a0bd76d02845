"""Policies: import reports, lists, states. The policies themselves are Graph's JSON, untouched."""

import msgspec

from assay.api.shapes.published import PublishedShape
from assay.values import Wire


class FileShape(Wire, frozen=True, kw_only=True):
    """A file as it was read; `content` in base64. `unreadable`: why there is none."""

    name: str
    content: bytes = b""
    unreadable: str = ""


class MapShape(Wire, frozen=True, kw_only=True):
    """An id of elsewhere, and the id or name that it means here."""

    old: str
    new: str


class ImportRequest(Wire, frozen=True, kw_only=True):
    """Files to import; `state` (enabled, disabled, enabledForReportingButNotEnforced) overrides every policy's.

    `override`: why it may break an invariant of the owner.
    """

    files: tuple[FileShape, ...]
    map: tuple[MapShape, ...] = ()
    waive: tuple[str, ...] = ()
    state: str | None = None
    dry_run: bool = False
    override: str = ""


class DanglingShape(Wire, frozen=True, kw_only=True):
    """A reference to what does not exist here: kind, where it stands, the id."""

    kind: str
    path: str
    id: str


class ImportedPolicyShape(Wire, frozen=True, kw_only=True):
    """One policy of the report: the state that was asked for, the one it is stored with, and what keeps it back.

    `effect`: added, changed or unchanged. `unenforced`: demands that nobody can meet here. `rollingOut`: it is being
    rolled out, so that it was left as it is. `refused`: it is on and stays as it is, because what was read would bring
    such a part into it. `rolesByName`: roles that the file names by their display names, which were taken for them.
    """

    path: str
    id: str
    display_name: str
    effect: str
    wanted_state: str
    state: str
    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    unenforced: tuple[str, ...] = ()
    rolling_out: bool = False
    refused: str | None = None
    roles_by_name: tuple[str, ...] = ()


class ImportedObjectShape(Wire, frozen=True, kw_only=True):
    """A named location or custom authentication strength; `undecided`: paths that cannot be evaluated."""

    kind: str
    id: str
    display_name: str
    effect: str
    undecided: tuple[str, ...]


class MalformedShape(Wire, frozen=True, kw_only=True):
    """What could not be read: file, place in it, code and parameters."""

    path: str
    where: str
    code: str
    parameters: dict[str, str]


class FileReport(Wire, frozen=True, kw_only=True):
    """One policy of one file, or a file without any.

    `policy`: its name, None where there is none; `malformed`: where and why it could not be read, None where it could;
    `undecided`: the parts that this release does not decide, empty where it decides all of it;
    `unenforced`: the demands that it decides, and that nobody can meet here; `rollingOut`: it was left as it is,
    because it is being rolled out; `refused`: why it was not stored in the place of one that is on, None where it was.
    """

    path: str
    policy: str | None = None
    malformed: str | None = None
    refused: str | None = None
    undecided: tuple[str, ...] = ()
    unenforced: tuple[str, ...] = ()
    rolling_out: bool = False


class ImportReport(Wire, frozen=True, kw_only=True):
    """What an import did or would do; `refused` is why a dry run's changes could not be made, `refusedCode` in a word.

    `emergency`: policies that name an emergency access account, for which they change nothing.
    `published`: what was proved of what was stored.
    """

    stored: bool
    files: tuple[FileReport, ...]
    policies: tuple[ImportedPolicyShape, ...]
    others: tuple[ImportedObjectShape, ...]
    malformed: tuple[MalformedShape, ...]
    ignored: tuple[str, ...]
    emergency: tuple[str, ...] = ()
    refused: str | None = None
    refused_code: str | None = None
    published: PublishedShape | None = None


class PolicyShape(Wire, frozen=True, kw_only=True):
    """A policy in a list: `undecided` and `dangling` keep it from being switched on.

    `unenforced`: its demands that nobody can meet here; switched on, it refuses whom it is about.
    `published`: where it was just changed, what was proved of that.
    """

    id: str
    display_name: str
    state: str
    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    unenforced: tuple[str, ...] = ()
    published: PublishedShape | None = None


class PolicyList(Wire, frozen=True, kw_only=True):
    """Every policy."""

    value: tuple[PolicyShape, ...]


class PolicyDetailsShape(Wire, frozen=True, kw_only=True):
    """A policy with its definition as Graph's conditionalAccessPolicy."""

    policy: PolicyShape
    definition: msgspec.Raw


class StateChange(Wire, frozen=True, kw_only=True):
    """A state to switch to, with references to map or waive first; `override`: why it may break an invariant."""

    state: str
    map: tuple[MapShape, ...] = ()
    waive: tuple[str, ...] = ()
    override: str = ""


class RemovedPolicy(Wire, frozen=True, kw_only=True):
    """A policy that is gone."""

    id: str
    display_name: str
    published: PublishedShape | None = None

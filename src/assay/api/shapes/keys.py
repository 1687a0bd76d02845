"""Keys, without their secrets."""

from datetime import datetime

from assay.values import Wire


class KeyShape(Wire, frozen=True, kw_only=True):
    """A key; `state` is next, inUse, replaced or retired. `seals`: how many values a master key still seals."""

    kind: str
    id: str
    state: str
    since: datetime
    until: datetime | None = None
    seals: int | None = None


class KeyList(Wire, frozen=True, kw_only=True):
    """Every key, each kind newest first; `seals_with` is the master key that seals now."""

    value: tuple[KeyShape, ...]


class RotateKey(Wire, frozen=True, kw_only=True):
    """How to rotate.

    `after_seconds`: when the new key is used, None: the kind's own lead. `at_once`: now, whoever is not ready for it,
    because the old one was stolen. `write_to`: where a new key file goes, on the
    service's machine. `use`: let the next authority sign. `untrusted`: the old checkpoint key's word counts nothing.
    """

    after_seconds: int | None = None
    at_once: bool = False
    write_to: str = ""
    use: bool = False
    untrusted: bool = False


class RotationShape(Wire, frozen=True, kw_only=True):
    """The key that was made, and from when on it is used; None: once it is told to be."""

    kind: str
    id: str
    used_from: datetime | None = None


class RetireKeys(Wire, frozen=True, kw_only=True):
    """`at_once`: what a stolen key signed counts no longer. `write_to`: where a key file without them goes.

    `gone`: nodes that never come back, so that a master key does not wait for them.
    """

    at_once: bool = False
    write_to: str = ""
    gone: tuple[str, ...] = ()


class RetiredShape(Wire, frozen=True, kw_only=True):
    """The keys that are gone."""

    kind: str
    ids: tuple[str, ...]

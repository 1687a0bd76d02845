"""Entity tags (RFC 9110 §8.8.3): which state of a thing a caller has seen, held against the one that is stored."""

from hashlib import sha256

import msgspec

from assay.access.attempt import UndoneError
from assay.values import Reason, Stored, Value


def etag_of(thing: Stored) -> str:
    """The weak tag of what is stored of a thing; what is worked out beside it, such as names of today, is no part."""
    return f'W/"{sha256(msgspec.json.encode(thing)).hexdigest()[:32]}"'


class Seen(Value, frozen=True, kw_only=True):
    """What the caller goes by (`If-Match`): any of these tags; None where it says nothing, or `*`."""

    tags: frozenset[str] | None = None

    def refuse_other(self, thing: Stored) -> None:
        """Raises UndoneError where the thing is not as the caller has seen it: nobody's change is lost unseen."""
        if self.tags is not None and etag_of(thing) not in self.tags:
            raise UndoneError(Reason.of("changedMeanwhile"))


WHATEVER = Seen()

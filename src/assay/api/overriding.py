"""Why a change of policies may break an invariant of the owner: given with the change, in its event for good."""

from typing import Final

from msgspec.structs import replace

from assay.access.attempt import By
from assay.values import InvalidInputError

MAX_REASON: Final = 500
# Of what changes policies, in the query: a header of ours does not pass our gateway.
OVERRIDE: Final = "override"


def overriding(by: By, text: str) -> By:
    """Who changes, with their reason to break an invariant where they give one; raises InvalidInputError."""
    reason = text.strip()
    if not reason:
        return by
    if len(reason) > MAX_REASON or not reason.isprintable():
        raise InvalidInputError(
            f"why an invariant may be broken has at most {MAX_REASON} printable characters", remedy="say it shorter"
        )
    return replace(by, override=reason)

"""The smallest way in, in words."""

from collections.abc import Iterable
from typing import Final

WAYS: Final = {
    "reauthenticate": "proving {} again",
    "useMethod": "proving {}",
    "registerMethod": "registering and proving {}",
    "acceptTerms": "accepting the terms {}",
    "customFactor": "the factor {}",
    "remediateRisk": "remediating the risk",
    "changePassword": "changing the password",
    "useBrowser": "a browser",
    "useApprovedApp": "an approved app",
    "useProtectedApp": "a protected app",
    "useCompliantDevice": "a compliant device",
    "useJoinedDevice": "a device of the organisation's domain",
    "otherPlace": "asking from {}",
}


def way_in_words(changes: Iterable[tuple[str, str]] | None, *, exhaustive: bool) -> str:
    """What would have to be done, given as changes and their subjects."""
    if not exhaustive:
        return "not known; more ways would have to be tried than is reasonable"
    if changes is None:
        return "nothing that they can do; it takes an administrator"
    return ", and ".join(WAYS.get(change, change).format(subject) for change, subject in changes) or "asking again"

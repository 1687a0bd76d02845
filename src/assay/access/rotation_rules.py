"""When a new key is used and when an old one may go: rules, with the time and the other nodes as parameters."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.access import assertion
from assay.access.nodes import NodeState
from assay.values import InvalidInputError

# Twice what apps keep the keys for (RFC 9111, max-age): room for a slow one.
LEAD: Final = 2 * assertion.KEYS_KEPT
# Clocks differ by half of it at most, or their node is out of rotation; every node reads its key file four times in it.
_MARGIN: Final = timedelta(minutes=1)
SHORTEST_LEAD: Final = assertion.KEYS_KEPT + _MARGIN
# A key that waits keeps the next rotation waiting.
LONGEST_LEAD: Final = timedelta(days=30)


class KeyKind(StrEnum):
    """What a key is for, as it is named on the command line."""

    MASTER = "master"
    ASSERTION = "assertion"
    CHECKPOINT = "checkpoint"
    DERIVED = "derived"
    AUTHORITY = "ca"
    CERTIFICATE = "certificate"


def linger(outage: timedelta) -> timedelta:
    """How long a replaced key of assertions has to verify.

    A node that was cut off just before goes on signing with it for as long as an outage may last.
    """
    return outage + assertion.LIFETIME + _MARGIN


def assertion_lead(asked: timedelta | None, *, at_once: bool) -> timedelta:
    """How long a new key of assertions is published before it signs; raises InvalidInputError.

    An app that fetched the keys a moment ago does not see the new one for `KEYS_KEPT`: signed with it any sooner, an
    honest person's request would fail there. Only a theft is worth that (`at_once`).
    """
    _refuse_both(asked, at_once=at_once)
    if at_once:
        return timedelta(0)
    if asked is not None and asked < SHORTEST_LEAD:
        raise InvalidInputError(
            f"apps keep the keys for {_minutes(assertion.KEYS_KEPT)}: what a new key signs sooner would be refused",
            remedy=f"use --in {_minutes(SHORTEST_LEAD)} or longer, or --now if the old key was stolen",
        )
    return LEAD if asked is None else asked


def master_lead(asked: timedelta | None, *, at_once: bool, others: Collection[str]) -> timedelta:
    """How long a new master key only opens before it seals; raises InvalidInputError.

    What one node seals the others have to open: their file has the key before, or people cannot sign in there.
    """
    _refuse_both(asked, at_once=at_once)
    if others and (asked is None or asked < _MARGIN):
        raise InvalidInputError(
            f"other nodes work on this database ({', '.join(sorted(others))}), and do not have the new key yet",
            remedy="run: assay keys rotate master --in 2h --write-to FILE, and give FILE to every node before that",
        )
    return asked or timedelta(0)


def lead_of(seconds: int) -> timedelta:
    """So many seconds; raises InvalidInputError where that is no time that a key can wait."""
    if seconds <= 0:
        raise InvalidInputError(
            f"a new key cannot be used after {seconds} s", remedy="use --in with a time such as 30m, or --now"
        )
    if seconds > LONGEST_LEAD // timedelta(seconds=1):
        raise InvalidInputError(
            f"a new key waits for at most {LONGEST_LEAD.days} days, and none follows it meanwhile",
            remedy="rotate closer to when it is to be used",
        )
    return timedelta(seconds=seconds)


def refuse_while_sealing(
    nodes: Collection[NodeState],
    *,
    newest: str,
    seals_from: datetime,
    this: str,
    at: datetime,
    gone: Collection[str] = (),
) -> None:
    """Raises InvalidInputError while another node may seal with an older master key than the newest.

    Whatever it sealed could not be opened by anybody once that key is gone. A node that says nothing may only be cut
    off, with the file of before, and seal again when it is back: unless it had the newest, it is waited for as well,
    but for those of which somebody says that they are `gone` for good.
    """
    others = [each for each in nodes if each.node.name != this]
    _refuse_unknown(gone, {each.node.name for each in others})
    silent = [
        each.node.name
        for each in others
        if each.missed and each.node.seals_with != newest and each.node.name not in gone
    ]
    if silent:
        raise InvalidInputError(
            f"{', '.join(sorted(silent))} says nothing, and did not have the new key when it last did",
            remedy="give it the key file and start it; if it never comes back: assay keys retire master --gone NAME",
        )
    there = [each.node for each in others if not each.missed]
    until = seals_from + _MARGIN
    if there and at < until:
        raise InvalidInputError(
            "another node may still seal with the old key, by a clock that is a little late",
            remedy=f"run this again after {until:%H:%M:%SZ}",
        )
    late = [each.name for each in there if each.seals_with != newest]
    if late:
        raise InvalidInputError(
            f"{', '.join(sorted(late))} did not say that it seals with the new key",
            remedy="give it the key file, which it reads every 15 s; see: assay nodes list",
        )


def _refuse_unknown(gone: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(gone) - set(known))
    if unknown:
        raise InvalidInputError(f"there is no other node named {', '.join(unknown)}", remedy="see: assay nodes list")


def _refuse_both(asked: timedelta | None, *, at_once: bool) -> None:
    if at_once and asked is not None:
        raise InvalidInputError("--in and --now exclude each other", remedy="use one of them")


def _minutes(interval: timedelta) -> str:
    return f"{interval // timedelta(minutes=1)}m"

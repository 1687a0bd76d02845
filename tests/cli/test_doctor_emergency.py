"""Doctor says when nobody would be told, and when emergency access would not work."""

from datetime import timedelta

import pytest

from assay.api.shapes.break_glass import BreakGlassAccountShape, BreakGlassShape
from assay.api.shapes.messages import MessageList
from assay.cli.doctor_emergency import break_glass_findings, messages_findings
from assay.cli.doctor_findings import Severity
from tests.access.house import NOW


def outbox(
    *, waiting: int = 0, given_up: int = 0, minutes: int = 0, configured: bool = True, error: str = ""
) -> MessageList:
    return MessageList(
        value=(),
        waiting=waiting,
        given_up=given_up,
        oldest=NOW - timedelta(minutes=minutes) if waiting else None,
        configured=configured,
        error=error,
    )


@pytest.mark.parametrize(
    ("found", "severities"),
    [
        (outbox(), [Severity.GOOD]),
        (outbox(waiting=3, minutes=1), [Severity.GOOD]),
        (outbox(configured=False), [Severity.WARNING]),
        (outbox(waiting=1, minutes=1, error="connect: refused"), [Severity.WARNING]),
        (outbox(waiting=1, minutes=61, error="connect: refused"), [Severity.ERROR]),
        (outbox(given_up=2), [Severity.WARNING]),
    ],
)
def test_messages(found: MessageList, severities: list[Severity]) -> None:
    told = list(messages_findings(found, NOW))
    assert [each.severity for each in told] == severities
    assert all(each.fix for each in told if each.severity is not Severity.GOOD)


def account(number: int, *, passkeys: int = 2, drill: bool = False, rotation: bool = False) -> BreakGlassAccountShape:
    return BreakGlassAccountShape(
        number=number,
        user=f"break-glass-{number}",
        passkeys=passkeys,
        last_emergency=None,
        last_drill=None,
        drill_due=drill,
        rotation_due=rotation,
    )


@pytest.mark.parametrize(
    ("accounts", "reviews", "said"),
    [
        ((account(1), account(2)), 0, ["ready"]),
        ((account(1, passkeys=0), account(2, passkeys=0)), 0, ["account 1 and 2 cannot sign in"]),
        ((account(1, drill=True), account(2)), 0, ["not tried for 90 days"]),
        ((account(1), account(2, rotation=True)), 1, ["nobody has reviewed: 1", "still has a key"]),
        ((), 0, ["there are no"]),
    ],
)
def test_emergency_access(accounts: tuple[BreakGlassAccountShape, ...], reviews: int, said: list[str]) -> None:
    told = list(break_glass_findings(BreakGlassShape(accounts=accounts, open_reviews=reviews, drill_until=None)))
    assert len(told) == len(said)
    for finding, words in zip(told, said, strict=True):
        assert words in finding.message

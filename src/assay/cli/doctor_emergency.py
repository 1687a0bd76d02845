"""What doctor makes of messages that do not get out, and of emergency access that would not work."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assay.api.shapes.break_glass import BreakGlassShape
from assay.api.shapes.messages import MessageList
from assay.cli.doctor_findings import Finding, Severity, good

MESSAGES: Final = "messages"
EMERGENCY: Final = "emergency access"
# A message that waits so long waits for somebody to look.
LATE: Final = timedelta(hours=1)


def messages_findings(found: MessageList, now: datetime) -> Iterator[Finding]:
    """Whether people are told of what happens to their accounts."""
    if not found.configured:
        yield Finding(
            check=MESSAGES,
            severity=Severity.WARNING,
            message="nobody is told of new methods, new devices or emergency access: no way to send is configured",
            fix="set [mail] in assay.toml, then: assay messages test --to YOU@EXAMPLE",
        )
        return
    late = found.oldest is not None and now - found.oldest > LATE
    if found.error or late:
        yield Finding(
            check=MESSAGES,
            severity=Severity.ERROR if late else Severity.WARNING,
            message=f"waiting: {found.waiting}; {found.error or 'the oldest waits for more than an hour'}",
            fix="look at [mail] and at the mail server, then: assay messages test --to YOU@EXAMPLE",
        )
    elif not found.given_up:
        yield good(MESSAGES, f"waiting: {found.waiting}")
    if found.given_up:
        yield Finding(
            check=MESSAGES,
            severity=Severity.WARNING,
            message=f"given up: {found.given_up}",
            fix="assay messages list says why; assay messages retry ID tries again",
        )


def break_glass_findings(found: BreakGlassShape) -> Iterator[Finding]:
    """Whether the emergency access accounts would work, and whether somebody looked at their uses."""
    if found.open_reviews:
        yield Finding(
            check=EMERGENCY,
            severity=Severity.ERROR,
            message=f"uses that nobody has reviewed: {found.open_reviews}",
            fix="assay break-glass reviews; then: assay break-glass review ID --by NAME --finding TEXT",
        )
    if not found.accounts:
        yield Finding(
            check=EMERGENCY,
            severity=Severity.NOTE,
            message="there are no emergency access accounts",
            fix="they are made when the service is started without --demo",
        )
    missing = [str(each.number) for each in found.accounts if each.passkeys == 0]
    if missing:
        yield Finding(
            check=EMERGENCY,
            severity=Severity.WARNING,
            message=f"not set up: account {' and '.join(missing)} cannot sign in",
            fix=f"assay break-glass enrol {missing[0]}, with two hardware keys",
        )
    for each in found.accounts:
        if each.rotation_due:
            yield Finding(
                check=EMERGENCY,
                severity=Severity.WARNING,
                message=f"{each.user} still has a key that was there when it was used",
                fix=f"assay break-glass enrol {each.number} --replace",
            )
        if each.drill_due:
            yield Finding(
                check=EMERGENCY,
                severity=Severity.WARNING,
                message=f"{each.user} was not tried for 90 days",
                fix="assay break-glass drill, then sign in with it",
            )
    due = any(each.rotation_due or each.drill_due for each in found.accounts)
    if found.accounts and not (missing or due or found.open_reviews):
        yield good(EMERGENCY, f"{len(found.accounts)} accounts are ready")

"""What doctor makes of people who are told less than they, or their apps, should be."""

from collections.abc import Iterator

from assay.api.shapes.installation import InstallationShape
from assay.cli.doctor_findings import Finding, Severity


def people_findings(here: InstallationShape) -> Iterator[Finding]:
    """Who has an address that no message can be sent to, and who is in more groups than apps are told of."""
    if here.untold:
        yield Finding(
            check="mail addresses",
            severity=Severity.WARNING,
            message="told nothing, because no message can be sent to their address: "
            + _named(here.untold, here.untold_people),
            fix="assay users edit NAME --email ADDRESS, one such as alice@example.com",
        )
    if here.many_groups:
        yield Finding(
            check="groups",
            severity=Severity.WARNING,
            message="in more groups than apps are told of in Assay-Assertion: "
            + _named(here.many_groups, here.many_groups_people),
            fix="let apps that see hasgroups ask the API (docs/apps.md), or take these people out of groups",
        )


def _named(names: tuple[str, ...], people: int) -> str:
    more = people - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")

"""Doctor names people who are told less than they, or their apps, should be, and counts the rest."""

from msgspec.structs import replace

from assay.cli.doctor_people import people_findings
from tests.cli.test_doctor_forward_auth import HERE


def test_the_first_are_named_and_the_rest_counted() -> None:
    untold, grouped = people_findings(
        replace(HERE, untold=("alice", "bob"), untold_people=5, many_groups=("carol",), many_groups_people=1)
    )
    assert untold.message.endswith(": alice, bob and 3 more")
    assert "--email" in untold.fix
    assert grouped.message.endswith(": carol")
    assert "hasgroups" in grouped.fix
    assert list(people_findings(HERE)) == []

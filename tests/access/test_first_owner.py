"""The link of the first start is handed out while nobody can administer, and to nobody afterwards."""

from assay.access.first_owner import FirstOwner
from assay.access.groups import Groups
from assay.events import EventQuery, search
from assay.governance.roles import GLOBAL_ADMINISTRATOR, built_in_roles
from tests.access.house import BY, House

ADMINISTRATOR = built_in_roles()[GLOBAL_ADMINISTRATOR].display_name


async def test_whoever_runs_it_gets_a_link_until_the_owner_has_enrolled(house: House) -> None:
    first = FirstOwner(house.premises)
    assert await first.link() is not None
    url = await first.link()
    assert url is not None
    await house.enrolled("owner", url)
    assert await first.link() is None
    issued = await house.store.read(lambda reader: search(reader, EventQuery(code="enrolment-link.issued")))
    assert [leaf.payload is not None and url.rpartition("/")[2] in leaf.payload for leaf in issued.events] == [
        False,
        False,
    ], "the log says that there was a link, not which"


async def test_whoever_administers_through_a_group_administers(house: House) -> None:
    first = FirstOwner(house.premises)
    assert await first.link() is not None
    await house.person("alice")
    groups = Groups(house.premises)
    await groups.add(BY, name="Administrators")
    await groups.add_member(BY, "Administrators", user="alice")
    assert await first.link() is not None, "she holds no role yet"
    await house.roles.assign(BY, ADMINISTRATOR, group="Administrators")
    assert await first.link() is None
    await house.people.disable(BY, "alice")
    assert await first.link() is not None, "who is disabled administers nothing"


async def test_nobody_is_made_owner_over_the_heads_of_people(house: House) -> None:
    await house.person("alice")
    assert await FirstOwner(house.premises).link() is None

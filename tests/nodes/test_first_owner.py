"""Two nodes of a new installation, which has no owner yet."""

import pytest

from tests.end_to_end.person import Person
from tests.nodes.house import House
from tests.nodes.test_two_nodes import both_serve

pytestmark = [pytest.mark.namespaces, pytest.mark.slow]


async def test_each_node_prints_a_link_for_the_owner_and_one_of_them_is_used(two: House) -> None:
    """A start elsewhere does not void what stands on this screen; what was not used is void once one was."""
    assert two.owner is None, "this test is the first of the house (conftest.py)"
    links = [two.a.owner_link(), two.b.owner_link()]
    assert links[0] != links[1]
    people = [Person(node, "owner") for node in (two.a, two.b, two.a)]
    answers = [await person.use_link(link) for person, link in zip(people, (*links, links[1]), strict=True)]
    assert [answer.status_code for answer in answers] == [303, 404, 404]
    await people[0].register()
    two.protect()
    await both_serve(two)
    two.owner = people[0]
    for person in people:
        await person.client.aclose()

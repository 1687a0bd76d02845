"""Apps: default deny, the owner assigned, moved and removed without a trace of who could."""

import pytest

from assay.access.roles import Roles
from assay.values import ConflictError, InvalidInputError, NotFoundError
from tests.access.admin.conftest import Record
from tests.access.house import BY, House

ADMINISTRATOR = "Global Administrator"


async def test_without_an_owner_every_administrator_is_assigned_and_nobody_else(house: House) -> None:
    for name in ("alice", "bob", "carol"):
        await house.people.add(BY, user_name=name)
    for name in ("alice", "bob"):
        await Roles(house.premises).assign(BY, ADMINISTRATOR, user=name)
    wiki = await house.apps.protect(BY, "http://127.0.0.1:3000", name="Wiki")
    assert wiki.url == "https://wiki.assay.localhost:8443/"
    assert wiki.app.display_name == "Wiki"
    assert sorted(holder.name for holder in wiki.assigned) == ["alice", "bob"]
    notes = await house.apps.protect(BY, "http://127.0.0.1:3001", name="notes", owner="carol")
    assert [holder.name for holder in notes.assigned] == ["carol"]


async def test_a_name_is_given_once_and_some_never(house: House) -> None:
    await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki")
    with pytest.raises(ConflictError):
        await house.apps.protect(BY, "http://127.0.0.1:3001", name="WIKI")
    for name in ("id", "console", "a b", "-a", ""):
        with pytest.raises(InvalidInputError):
            await house.apps.protect(BY, "http://127.0.0.1:3001", name=name)
    with pytest.raises(NotFoundError):
        await house.apps.protect(BY, "http://127.0.0.1:3001", name="notes", owner="nobody")
    assert [each.app.name for each in await house.apps.every()] == ["wiki"]


async def test_a_moved_app_keeps_its_id_and_its_people(house: House, record: Record) -> None:
    await house.people.add(BY, user_name="alice")
    before = await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki", owner="alice")
    after = await house.apps.edit(BY, "wiki", upstream="unix:///run/wiki.sock", display_name="The wiki")
    assert (after.app.id, after.assigned) == (before.app.id, before.assigned)
    assert (after.app.upstream.path, after.app.display_name) == ("/run/wiki.sock", "The wiki")
    assert len(await record.of("app.changed")) == 1


async def test_no_app_is_put_or_moved_to_where_we_listen(house: House) -> None:
    with pytest.raises(InvalidInputError):
        await house.apps.protect(BY, "https://127.0.0.1:8443", name="own")
    await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki")
    with pytest.raises(InvalidInputError):
        await house.apps.edit(BY, "wiki", upstream="https://127.0.0.1:8443")
    assert [each.app.upstream.port for each in await house.apps.every()] == [3000]


async def test_no_app_is_put_where_no_resolver_can_look(house: House) -> None:
    with pytest.raises(InvalidInputError):
        await house.apps.protect(BY, "http://wiki..internal:3000", name="wiki")
    assert await house.apps.every() == ()


async def test_a_removed_app_takes_its_assignments_along(house: House, record: Record) -> None:
    await house.people.add(BY, user_name="alice")
    await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki", owner="alice")
    await house.apps.remove(BY, "wiki")
    assert await house.apps.every() == ()
    assert (await house.people.show("alice")).apps == ()
    assert len(await record.of("assignment.removed")) == 1
    again = await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki")
    assert again.assigned == ()


async def test_assigning_twice_is_one_event(house: House, record: Record) -> None:
    await house.people.add(BY, user_name="alice")
    await house.app("wiki")
    assert (await house.apps.assign(BY, "wiki", user="alice")).changed
    assert not (await house.apps.assign(BY, "wiki", user="alice")).changed
    assert (await house.apps.unassign(BY, "wiki", user="alice")).changed
    assert not (await house.apps.unassign(BY, "wiki", user="alice")).changed
    assert len(await record.of("assignment.added")) == len(await record.of("assignment.removed")) == 1

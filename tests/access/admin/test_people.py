"""People: made with a link, shut out at once, and never the last administrator."""

from datetime import timedelta

import msgspec
import pytest

from assay.access.attempt import NotDone
from assay.access.methods import Methods
from assay.access.people import Ended, Welcome
from assay.access.roles import HeldRole, Roles
from assay.access.steps import AskFirstFactor, NotFound
from assay.access.visitor import Destination
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.policy import UserKind
from assay.sessions.records import sessions
from assay.sessions.session import EndReason
from assay.values import ConflictError, InvalidInputError, NotFoundError, Reason
from tests.access.admin.conftest import Record
from tests.access.house import BY, House

ADMINISTRATOR = "Global Administrator"


async def test_a_new_person_gets_a_link_that_enrols_once(house: House, record: Record) -> None:
    welcome = await house.people.add(BY, user_name="alice", display_name="Alice", email="alice@example.com")
    assert isinstance(welcome, Welcome)
    assert welcome.link.url.startswith("https://id.assay.localhost:8443/enrol/")
    alice = await house.enrolled("alice", welcome.link.url)
    code = welcome.link.url.rpartition("/")[2]
    assert isinstance((await house.enrol.use(alice.visitor, code)).step, NotFound)
    (made,) = await record.of("user.created")
    assert made.actor.user.uid == "host:0"
    assert msgspec.json.decode(bytes(made.unmapped.after))["email"] == "alice@example.com"


async def test_the_log_never_holds_the_link(house: House, record: Record) -> None:
    welcome = await house.people.add(BY, user_name="alice")
    assert isinstance(welcome, Welcome)
    (issued,) = await record.of("enrolment-link.issued")
    assert welcome.link.url.rpartition("/")[2].encode() not in msgspec.json.encode(issued)


async def test_a_new_link_voids_the_one_before(house: House) -> None:
    first = await house.people.add(BY, user_name="alice")
    second = await house.people.enrol(BY, "alice", recover=True)
    assert isinstance(first, Welcome)
    assert isinstance(second, Welcome)
    await house.enrolled("alice", second.link.url)
    visitor = (await house.person("bob")).visitor
    assert isinstance((await house.enrol.use(visitor, first.link.url.rpartition("/")[2])).step, NotFound)


async def test_who_has_methods_gets_no_link_by_mistake(house: House, record: Record) -> None:
    await house.person("alice")
    refused = await house.people.enrol(BY, "alice")
    assert isinstance(refused, NotDone)
    assert refused.reason == Reason.of("hasMethods", user="alice")
    assert len(await record.of("enrolment-link.issued")) == 1, "the first one"
    assert isinstance(await house.people.enrol(BY, "alice", recover=True), Welcome)


async def test_who_has_no_method_yet_gets_another_link(house: House) -> None:
    await house.people.add(BY, user_name="alice")
    assert isinstance(await house.people.enrol(BY, "alice"), Welcome)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(minutes=9), timedelta(days=31)])
async def test_a_link_of_a_lifetime_that_is_not_allowed_leaves_no_person_behind(
    house: House, lifetime: timedelta
) -> None:
    refused = await house.people.add(BY, user_name="alice", lifetime=lifetime)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "passLifetime"
    with pytest.raises(NotFoundError):
        await house.people.show("alice")


async def test_a_name_is_taken_however_it_is_written(house: House) -> None:
    await house.people.add(BY, user_name="alice")
    with pytest.raises(ConflictError):
        await house.people.add(BY, user_name="ALICE")
    with pytest.raises(InvalidInputError):
        await house.people.add(BY, user_name="a b")


async def test_what_is_edited_is_stored_and_logged_and_nothing_else(house: House, record: Record) -> None:
    await house.people.add(BY, user_name="alice", email="a@example.com")
    changed = await house.people.edit(BY, "alice", display_name="Alice B.", kind=UserKind.GUEST)
    assert (changed.user_name, changed.email, changed.kind) == ("alice", "a@example.com", UserKind.GUEST)
    await house.people.edit(BY, "alice", display_name="Alice B.")
    assert len(await record.of("user.changed")) == 1


async def test_the_mailbox_before_is_told_that_it_is_not_the_persons_any_more(house: House) -> None:
    async def told() -> list[tuple[str, Notice]]:
        waiting = await house.store.read(lambda reader: outbox.every(reader, limit=10))
        return [(each.recipient, each.notice) for each in waiting]

    await house.people.add(BY, user_name="alice")
    await house.people.edit(BY, "alice", email="first@example.com")
    await house.people.edit(BY, "alice", email="first@example.com", display_name="Alice")
    assert await told() == []
    await house.people.edit(BY, "alice", email="second@example.com")
    assert await told() == [("first@example.com", Notice.EMAIL_CHANGED)]
    await house.people.edit(BY, "alice", email="")
    assert await told() == [("first@example.com", Notice.EMAIL_CHANGED), ("second@example.com", Notice.EMAIL_CHANGED)]
    for message in await house.store.read(lambda reader: outbox.every(reader, limit=10)):
        assert "second@example.com" not in str(message.parameters), "nobody's business but the person's"


async def test_a_disabled_person_is_out_in_the_same_transaction(house: House, record: Record) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    session = await alice.session_id()
    ended = await house.people.disable(BY, "alice")
    assert isinstance(ended, Ended)
    assert ended.sessions == (session,)
    kept = await house.store.read(lambda reader: sessions.get(reader, session))
    assert kept is not None
    assert kept.end_reason is EndReason.USER_DISABLED
    assert isinstance((await house.sign_in.start(alice.visitor, Destination())).step, AskFirstFactor)
    assert [event.session.uid for event in await record.of("session.revoked") if event.session] == [session]
    await house.people.enable(BY, "alice")
    assert isinstance((await house.sign_in.start(alice.visitor, Destination())).step, AskFirstFactor)


async def test_a_session_that_looks_idle_in_the_database_ends_too(house: House) -> None:
    alice = await house.person("alice")
    await alice.sign_in()
    house.clock.advance(hours=2)
    ended = await house.people.disable(BY, "alice")
    assert isinstance(ended, Ended)
    assert len(ended.sessions) == 1


async def test_who_gets_the_name_of_a_removed_person_inherits_nothing(house: House) -> None:
    alice = await house.person("alice")
    app = await house.app("wiki", assigned=["alice"])
    roles = Roles(house.premises)
    await roles.assign(BY, "Security Reader", user="alice")
    await alice.sign_in()
    removed = await house.people.remove(BY, "alice")
    assert isinstance(removed, Ended)
    assert len(removed.sessions) == 1
    again = await house.people.add(BY, user_name="alice")
    assert isinstance(again, Welcome)
    assert again.user.id != removed.user.id
    details = await house.people.show("alice")
    assert (details.roles, details.apps, details.methods.password) == ((), (), False)
    assert (await house.apps.show(app.name)).assigned == ()


class TestLastAdministrator:
    """Whichever way the last one would go, nothing of it happens."""

    async def test_disabled_removed_or_stripped(self, house: House, record: Record) -> None:
        await house.people.add(BY, user_name="alice")
        roles = Roles(house.premises)
        await roles.assign(BY, ADMINISTRATOR, user="alice")
        for refused in (
            await house.people.disable(BY, "alice"),
            await house.people.remove(BY, "alice"),
            await roles.remove(BY, ADMINISTRATOR, user="alice"),
        ):
            assert refused == NotDone(reason=Reason.of("lastAdministrator"))
        assert (await house.people.show("alice")).user.enabled
        assert not await record.of("user.disabled") + await record.of("user.removed") + await record.of("role.removed")

    async def test_a_disabled_colleague_is_no_administrator(self, house: House) -> None:
        roles = Roles(house.premises)
        for name in ("alice", "bob"):
            await house.people.add(BY, user_name=name)
            await roles.assign(BY, ADMINISTRATOR, user=name)
        assert isinstance(await house.people.disable(BY, "bob"), Ended)
        assert isinstance(await house.people.remove(BY, "alice"), NotDone)
        assert isinstance(await house.people.remove(BY, "bob"), Ended)

    async def test_one_of_two_may_go(self, house: House) -> None:
        roles = Roles(house.premises)
        for name in ("alice", "bob"):
            await house.people.add(BY, user_name=name)
            await roles.assign(BY, ADMINISTRATOR, user=name)
        assert isinstance(await roles.remove(BY, ADMINISTRATOR, user="alice"), HeldRole)
        assert isinstance(await house.people.disable(BY, "bob"), NotDone)


async def test_methods_are_listed_and_taken_one_by_one(house: House, record: Record) -> None:
    await house.person("alice")
    methods = Methods(house.premises)
    held = await methods.held("alice")
    assert [(each.id, each.remaining) for each in held.methods] == [
        ("password", None),
        ("totp", None),
        ("recoveryCodes", 10),
    ]
    left = await methods.remove(BY, "alice", "totp")
    assert not isinstance(left, NotDone)
    assert [each.id for each in left.methods] == ["password", "recoveryCodes"]
    assert isinstance(await methods.remove(BY, "alice", "totp"), NotDone)
    assert len(await record.of("method.removed")) == 1


async def test_people_are_found_by_name_address_and_id(house: House) -> None:
    welcome = await house.people.add(BY, user_name="alice", email="first@example.com")
    assert isinstance(welcome, Welcome)
    assert (await house.people.show(welcome.user.id.upper())).user == welcome.user
    assert [user.user_name for user in (await house.people.search("FIRST@")).users] == ["alice"]
    with pytest.raises(NotFoundError):
        await house.people.show("nobody")

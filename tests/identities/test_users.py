"""People: what can be stored, found and forgotten."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy.exc import SQLAlchemyError

from assay.identities.records import groups, passwords, users
from assay.identities.users import display_name_refusal, email_refusal, language_refusal
from assay.messages.render import render
from assay.policy import UserKind
from assay.store import Change, Store, Topic, Transaction
from assay.values import ConflictError, InvalidInputError, NotFoundError, UserId
from tests.identities.people import NOW, person, stored_group, stored_person
from tests.messages.build import HEAD, message


@pytest.mark.parametrize(
    "email",
    ["", "ada@example.com", "a+b@sub.example.com", "joerg@exämple.de", "root@mailhost", "x@" + "b" * 63 + ".de"],
)
def test_what_is_taken_in_is_what_messages_are_sent_to(email: str) -> None:
    assert email_refusal(email) is None
    assert (render(message(recipient=email), HEAD) is not None) is bool(email)


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "@example.com",
        "ada@",
        "a da@example.com",
        "ada@x\r\nBcc: all",
        "a@" + "b" * 254,
        "a@x.example,b@x.example",
        "Ada <a@x.example>",
        "a@x.example;b@x.example",
        # What no message was ever sent to, and used to be taken in.
        "jörg@example.de",
        '"a@b"@example.com',
        "ada@[192.0.2.1]",
        "ada@-bad.example",
        "ada@example.com.",
        "ada@" + "b" * 64 + ".de",
        ".ada@example.com",
        "a" * 65 + "@example.com",
        "a" * 60 + "@" + "b." * 97 + "de",
    ],
)
def test_what_no_message_is_sent_to_is_not_taken_in(email: str) -> None:
    assert email_refusal(email) is not None
    assert render(message(recipient=email), HEAD) is None


async def test_who_has_an_address_from_before_keeps_it_until_it_is_changed(store: Store) -> None:
    user = await stored_person(store)
    old = "jörg@example.de"

    def as_a_release_before_left_it(transaction: Transaction) -> None:
        transaction.connection.execute(users.users.update().values(email=old))

    await store.write(as_a_release_before_left_it)
    renamed = msgspec.structs.replace(user, display_name="Jörg", email=old)
    await store.write(lambda t: users.update(t, renamed))
    assert await store.read(lambda r: users.get(r, user.id)) == renamed
    for wrong in ("jürg@example.de", old.upper()):
        with pytest.raises(InvalidInputError):
            await store.write(lambda t, wrong=wrong: users.update(t, msgspec.structs.replace(renamed, email=wrong)))
    await store.write(lambda t: users.update(t, msgspec.structs.replace(renamed, email="joerg@example.de")))


@pytest.mark.parametrize("name", ["", "   ", "x" * 257, "Ada\u202eecalevoL", "Ada\nLovelace", "Ada\u2028"])
def test_display_names_that_are_refused(name: str) -> None:
    assert display_name_refusal(name) is not None


@pytest.mark.parametrize(
    ("tag", "good"), [("", True), ("de", True), ("de-CH-1996", True), ("de_CH", False), ("-", False)]
)
def test_language_tags(tag: str, good: bool) -> None:
    assert (language_refusal(tag) is None) is good


async def test_a_person_is_found_by_id_and_by_any_spelling_of_the_name(store: Store) -> None:
    user = await stored_person(store, "Ada@Example.com")
    assert await store.read(lambda r: users.get(r, user.id)) == user
    assert await store.read(lambda r: users.by_name(r, "ADA@EXAMPLE.COM")) == user
    assert await store.read(lambda r: users.by_name(r, "eve")) is None
    assert await store.read(lambda r: users.get(r, UserId("none"))) is None


async def test_a_name_is_taken_in_every_spelling(store: Store) -> None:
    await stored_person(store, "straße")
    with pytest.raises(ConflictError):
        await stored_person(store, "STRASSE")
    eve = await stored_person(store, "eve")
    with pytest.raises(ConflictError):
        await store.write(lambda t: users.update(t, msgspec.structs.replace(eve, user_name="Strasse")))
    assert await store.read(lambda r: users.get(r, eve.id)) == eve


async def test_what_is_not_acceptable_is_not_stored(store: Store) -> None:
    with pytest.raises(InvalidInputError):
        await store.write(lambda t: users.insert(t, person("a b")))
    assert await store.read(users.everyone) == ()


async def test_a_person_can_be_changed_and_shut_out_and_everybody_is_told(store: Store) -> None:
    heard: list[Change] = []
    store.feed.follow(lambda _reader, changes: changes, heard.extend)
    user = await stored_person(store)
    guest = msgspec.structs.replace(user, user_name="countess", kind=UserKind.GUEST, language="de", email="a@b.example")
    await store.write(lambda t: users.update(t, guest))
    await store.write(lambda t: users.set_enabled(t, user.id, False))
    assert await store.read(lambda r: users.by_name(r, "countess")) == msgspec.structs.replace(guest, enabled=False)
    assert await store.read(lambda r: users.by_name(r, user.user_name)) is None
    await store.write(lambda t: users.delete(t, user.id, NOW))
    assert heard == [Change(topic=Topic.USER, key=user.id)] * 4


async def test_changing_nobody_is_an_error(store: Store) -> None:
    user = person()
    for act in (
        lambda t: users.update(t, user),
        lambda t: users.set_enabled(t, user.id, False),
        lambda t: users.delete(t, user.id, NOW),
    ):
        with pytest.raises(NotFoundError):
            await store.write(act)


async def test_a_deleted_id_never_returns_and_the_name_may(store: Store) -> None:
    user = await stored_person(store)
    made = await stored_group(store, "staff")
    await store.write(lambda t: groups.add_member(t, made.id, user.id))
    await store.write(lambda t: passwords.put(t, user.id, "hash", NOW))
    await store.write(lambda t: users.delete(t, user.id, NOW))
    assert await store.read(lambda r: groups.direct_members(r, made.id)) == frozenset()
    assert await store.read(lambda r: passwords.stored_hash(r, user.id)) is None
    with pytest.raises(ConflictError):
        await store.write(lambda t: users.insert(t, user))
    again = await stored_person(store, user.user_name)
    assert again.id != user.id
    assert await store.read(lambda r: groups.effective_groups(r, again.id)) == frozenset()


async def test_pages_hold_everyone_once_in_one_order_on_both_databases(store: Store) -> None:
    names = ["Zoe", "adam", "Ömer", "a-b", "a.b", "ab", "小明", "b_c", "B.d", "eve"]
    for name in names:
        await stored_person(store, name)
    seen: list[str] = []
    after = ""
    while True:
        page = await store.read(lambda r, after=after: users.search(r, after=after, limit=3))
        seen += [user.key for user in page.users]
        after = page.after
        if not after:
            break
    assert seen == sorted(seen)
    assert len(seen) == len(names)
    assert [user.key for user in await store.read(users.everyone)] == seen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ADA", {"ada"}),
        ("lovel", {"ada"}),
        ("ÖM", {"ömer"}),
        ("100%", set()),
        ("%", set()),
        ("_", set()),
        ("\\", set()),
        ("", {"ada", "ömer"}),
    ],
)
async def test_search_takes_text_literally_and_in_any_case(store: Store, text: str, found: set[str]) -> None:
    await store.write(lambda t: users.insert(t, person("ada", "Ada Lovelace")))
    await store.write(lambda t: users.insert(t, person("ömer", "Ömer Seyfettin")))
    page = await store.read(lambda r: users.search(r, text=text))
    assert {user.key for user in page.users} == found


@pytest.mark.parametrize("hostile", ["a\x00b", "\ud800", "x" * 1_000_000, "\ufdfa" * 200_000])
async def test_hostile_names_find_nobody_and_break_nothing(store: Store, hostile: str) -> None:
    await stored_person(store, "ada")
    await stored_group(store, "staff")
    assert await store.read(lambda r: users.by_name(r, hostile)) is None
    assert await store.read(lambda r: groups.by_name(r, hostile)) is None
    assert (await store.read(lambda r: users.search(r, text=hostile))).users == ()
    assert hostile.isprintable() or (await store.read(lambda r: users.search(r, after=hostile))).users == ()


@pytest.mark.parametrize(
    "spelling", [str.upper, lambda text: text.replace("-", ""), lambda text: f"{{{text}}}", lambda text: "ada"]
)
async def test_an_id_has_one_spelling(store: Store, spelling: Callable[[str], str]) -> None:
    ada = person()
    with pytest.raises(InvalidInputError):
        await store.write(
            lambda t: users.insert(t, msgspec.structs.replace(ada, id=UserId(spelling(f"{ada.id[:-1]}a"))))
        )


async def test_of_two_nodes_that_add_the_same_name_one_succeeds(store: Store, other_node: Store) -> None:
    nodes = [store, other_node] * 5
    results = await asyncio.gather(*(stored_person(node, "ada") for node in nodes), return_exceptions=True)
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(refused) == len(nodes) - 1
    assert not [error for error in refused if not isinstance(error, ConflictError | SQLAlchemyError)]
    assert len(await store.read(users.everyone)) == 1

"""A row that a failing disk or a hand left unreadable opens nothing, and what is beside it goes on."""

import pytest
from sqlalchemy import text

from assay.access.exchange import Allow, Redirect, Refuse
from assay.access.proxies import Proxies
from assay.access.reset_scope import roles_of
from assay.access.signals import Signals, read_everything
from assay.apps.credentials import secret_hash
from assay.values import NotFoundError
from tests.access.house import BY, House, Person
from tests.access.test_app_access import ask, error, opened, secret


async def damage(house: House, statement: str) -> Signals:
    """Leave behind what no flow writes, take it over, and start once more beside it."""
    changed = await house.store.write(lambda transaction: transaction.connection.execute(text(statement)).rowcount)
    assert changed == 1, statement
    house.signals.apply(await house.store.read(read_everything))
    started = Signals()
    await started.start(house.store)
    return started


@pytest.fixture
async def alice(house: House) -> Person:
    person = await house.person("alice")
    await person.password()
    return person


async def test_a_public_path_that_cannot_be_read_is_not_public(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    bad = await opened(house, "/bad/")
    await opened(house, "/good/")
    started = await damage(house, f"UPDATE public_path SET definition = '{{' WHERE id = '{bad}'")
    assert error(await ask(house, wiki, "/bad/x"))[0] == 401
    assert isinstance(await ask(house, wiki, "/good/x"), Allow)
    assert isinstance(await alice.open(wiki), Allow)
    (said,) = started.damage
    assert bad in said
    assert "is not public" in said


async def test_a_credential_that_cannot_be_read_opens_nothing(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    bad, good = await secret(house, "bad"), await secret(house, "good", paths=("/feed/",))
    assert isinstance(await ask(house, wiki, "/feed/", authorization=f"Bearer {bad}"), Allow)
    started = await damage(house, """UPDATE app_credential SET restrictions = '{"paths": 7}' WHERE name = 'bad'""")
    assert error(await ask(house, wiki, "/feed/", authorization=f"Bearer {bad}"))[:2] == (401, "credentialInvalid")
    assert isinstance(await ask(house, wiki, "/feed/", authorization=f"Bearer {good}"), Allow)
    assert isinstance(await alice.open(wiki), Allow)
    assert ["opens nothing" in said for said in started.damage] == [True]
    assert bad not in str(started.damage)


async def test_a_proxy_that_cannot_be_read_may_ask_nothing(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    proxies = Proxies(house.premises)
    bad, good = await proxies.add(BY, "bad", kind="nginx"), await proxies.add(BY, "good", kind="caddy")
    assert isinstance(await alice.open(wiki), Allow)
    started = await damage(house, "UPDATE proxy SET kind = 'apache' WHERE name = 'bad'")
    assert isinstance(await alice.ask(wiki), Allow)
    known = house.signals.app_access.proxies
    assert (secret_hash(bad.secret) in known, secret_hash(good.secret) in known) == (False, True)
    assert [each.proxy.name for each in await proxies.every()] == ["good"]
    with pytest.raises(NotFoundError):
        await proxies.rotate(BY, "bad")
    (said,) = started.damage
    assert bad.proxy.id in said
    assert "nobody may ask" in said


async def test_an_app_that_cannot_be_read_is_not_served(house: House, alice: Person) -> None:
    wiki, files = await house.app("wiki", assigned=["alice"]), await house.app("files", assigned=["alice"])
    started = await damage(house, "UPDATE app SET upstream = 'gopher://nowhere' WHERE name = 'wiki'")
    answer = await ask(house, wiki)
    assert isinstance(answer, Refuse)
    assert answer.status == 421
    assert isinstance(await alice.open(files), Allow)
    assert set(started.apps_by_name) == {"files"}
    assert len(started.damage) == 1


async def test_an_assignment_that_cannot_be_read_assigns_nobody(house: House, alice: Person) -> None:
    wiki, files = await house.app("wiki", assigned=["alice"]), await house.app("files", assigned=["alice"])
    started = await damage(house, f"UPDATE app_assignment SET holder_kind = 'everybody' WHERE app_id = '{wiki.id}'")
    assert not isinstance(await alice.open(wiki), Allow)
    assert isinstance(await alice.open(files), Allow)
    assert len(started.damage) == 1


async def test_a_person_who_cannot_be_read_is_not_let_in(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    bob = await house.person("bob")
    await house.apps.assign(BY, "wiki", user="bob")
    assert isinstance(await alice.open(wiki), Allow)
    started = await damage(house, "UPDATE users SET kind = 'owner of everything' WHERE user_name = 'alice'")
    assert isinstance(await alice.open(wiki), Redirect)
    await bob.password()
    assert isinstance(await bob.open(wiki), Allow)
    assert len(started.damage) == 1


async def test_a_session_that_cannot_be_read_is_none(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    await damage(house, f"UPDATE session SET proofs = '[7]' WHERE id = '{await alice.session_id()}'")
    assert await house.sign_in.session(alice.visitor) is None
    await alice.password()
    assert isinstance(await alice.open(wiki), Allow)


async def test_where_a_role_cannot_be_read_nobody_is_let_in_or_reset(house: House, alice: Person) -> None:
    """A policy for the role would miss its holder, and a help-desk would take its holder for anybody."""
    wiki = await house.app("wiki", assigned=["alice"])
    await house.roles.assign(BY, "Global Administrator", user="alice")
    assert isinstance(await alice.open(wiki), Allow)
    started = await damage(house, "UPDATE role_assignment SET holder_kind = 'somebody'")
    assert started.compiled.unreadable
    assert not isinstance(await alice.open(wiki), Allow)
    user_id = await alice.user_id()
    with pytest.raises(ValueError, match="somebody"):
        await house.store.read(lambda reader: roles_of(reader, user_id))
    assert len(started.damage) == 1


async def test_what_is_mended_is_no_longer_said(house: House, alice: Person) -> None:
    await house.app("wiki", assigned=["alice"])
    before = house.signals.damage
    started = await damage(house, "UPDATE app SET upstream = 'gopher://nowhere' WHERE name = 'wiki'")
    assert len(started.damage) == 1
    started = await damage(house, "UPDATE app SET upstream = 'http://127.0.0.1:1' WHERE name = 'wiki'")
    assert house.signals.damage == started.damage == before == ()

"""A row that cannot be read is shown and taken out, with what hangs on it, as an event; no other row ever is."""

import msgspec
import pytest
from sqlalchemy import text

from assay.access.attempt import NotDone
from assay.access.exchange import Allow
from assay.access.groups import Groups
from assay.access.import_policies import ImportOptions
from assay.access.mend import Damage, Mend
from assay.access.proxies import Proxies
from assay.access.roll_out import Draft, RollOuts, ShownRollout
from assay.values import InvalidInputError, NotFoundError
from tests.access.admin.conftest import Record
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, House
from tests.access.test_app_access import opened, secret

OF_BOB = "holder_id = (SELECT id FROM users WHERE user_name = 'bob')"
# What no flow writes, by the table it lies in, and what is lost of the columns that say which row it was.
DAMAGE = {
    "users": "UPDATE users SET kind = 'all' WHERE user_name = 'carol'",
    "user_groups": "UPDATE user_groups SET created_at = -999999999999999999 WHERE name = 'Contractors'",
    "app": "UPDATE app SET upstream = 'gopher://nowhere' WHERE name = 'files'",
    "app_assignment": f"UPDATE app_assignment SET holder_kind = 'a/b' WHERE {OF_BOB}",
    "role_assignment": f"UPDATE role_assignment SET holder_kind = 'all' WHERE {OF_BOB}",
    "public_path": "UPDATE public_path SET definition = '{' WHERE name = '/bad/'",
    "app_credential": "UPDATE app_credential SET restrictions = '[' WHERE name = 'bad'",
    "proxy": "UPDATE proxy SET kind = 'none' WHERE name = 'nginx'",
    "policy": "UPDATE policy SET definition = '{' WHERE display_name = 'Require MFA'",
    "named_location": "UPDATE named_location SET definition = '{}' WHERE display_name = 'Office'",
    "policy_rollout": "UPDATE policy_rollout SET definition = '{'",
    "authentication_strength": "UPDATE authentication_strength SET definition = '{'",
}
LOOSENING = {"policy", "named_location", "authentication_strength", "role_assignment", "user_groups"}
WHY = "the disk failed"


async def filled(house: House) -> None:
    """One of everything that can be damaged, beside what stays."""
    for name in ("alice", "bob", "carol"):
        await house.people.add(BY, user_name=name)
    for name in ("wiki", "files"):
        await house.app(name, assigned=["alice", "bob"] if name == "wiki" else ["alice"])
    await house.roles.assign(BY, "Global Administrator", user="alice")
    await house.roles.assign(BY, "Security Reader", user="bob")
    for name in ("bad", "good"):
        await opened(house, f"/{name}/")
        await secret(house, name)
    await Proxies(house.premises).add(BY, "nginx", kind="nginx")
    await Groups(house.premises).add(BY, name="Contractors")
    keys = {"id": "44444444-4444-4444-8444-444444444444", "displayName": "Keys", "allowedCombinations": ["fido2"]}
    grant: dict[str, object] = {"operator": "OR", "authenticationStrength": keys}
    strong = policy("55555555-5555-4555-8555-555555555555", "Require keys", grant=grant)
    files = (source(policy(), "policy.json"), source(strong, "strong.json"), source(location(), "location.json"))
    await house.policies.import_files(BY, files, ImportOptions())
    tried = Draft(file=source(policy("66666666-6666-4666-8666-666666666666", "Tried")))
    assert isinstance(await RollOuts(house.premises, house.signals).start(BY, tried), ShownRollout)


async def rows_of(house: House) -> dict[str, int]:
    counts = {table: text(f"SELECT count(*) FROM {table}") for table in DAMAGE}
    return await house.store.read(
        lambda reader: {table: reader.connection.execute(count).scalar_one() for table, count in counts.items()}
    )


async def test_what_cannot_be_read_is_shown_and_taken_out_and_the_rest_stays(house: House, record: Record) -> None:
    await filled(house)
    before, mend = await rows_of(house), Mend(house.premises)
    assert await mend.every() == ()
    for statement in DAMAGE.values():
        changed = await house.store.write(lambda t, said=statement: t.connection.execute(text(said)).rowcount)
        assert changed == 1, statement
    found = {each.row.table: each for each in await mend.every()}
    assert found.keys() == DAMAGE.keys()
    assert {table for table, each in found.items() if each.loosens} == LOOSENING
    assert dict(found["users"].content)["user_name"] == "carol"
    assert dict(found["policy"].content)["definition"] == "{"

    for table, each in found.items():
        assert await mend.show(table, each.row.key) == each
        if each.loosens:
            refused = await mend.remove(BY, table, each.row.key, why=WHY)
            assert isinstance(refused, NotDone)
            assert refused.reason.code == "damageLoosens"
        gone = await mend.remove(BY, table, each.row.key, why=WHY, loosens=each.loosens)
        assert isinstance(gone, Damage)
        assert gone.content == each.content, "what it held is handed out once more"
    assert await mend.every() == ()
    # The app's one assignment went with it.
    assert await rows_of(house) == {table: count - 1 - (table == "app_assignment") for table, count in before.items()}
    events = await record.of("row.removed")
    assert {each.entity.uid.partition("/")[0] for each in events if each.entity} == DAMAGE.keys()
    for event in map(msgspec.json.encode, events):
        assert WHY.encode() in event
        assert b"carol" not in event, "the log keeps which row it was, not what it held"


async def test_a_group_that_a_policy_is_about_does_not_go_unseen(house: House) -> None:
    bob = await house.person("bob")
    await bob.sign_in()
    wiki = await house.app("wiki", assigned=["bob"])
    await house.people.add(BY, user_name="alice")
    await house.roles.assign(BY, "Global Administrator", user="alice")
    groups, mend = Groups(house.premises), Mend(house.premises)
    group = await groups.add(BY, name="Contractors")
    await groups.add_member(BY, "Contractors", user="bob")
    about = source(block(users={"includeGroups": [group.id]}))
    assert isinstance(await bob.open(wiki), Allow)
    assert not isinstance(await house.policies.import_files(BY, (about,), ImportOptions()), NotDone)
    assert not isinstance(await bob.open(wiki), Allow)
    await house.store.write(lambda transaction: transaction.connection.execute(text(DAMAGE["user_groups"])))
    assert not isinstance(await bob.open(wiki), Allow), "who is in it is still known"
    refused = await mend.remove(BY, "user_groups", group.id, why=WHY)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "damageLoosens"
    assert not isinstance(await bob.open(wiki), Allow)
    assert isinstance(await mend.remove(BY, "user_groups", group.id, why=WHY, loosens=True), Damage)
    assert isinstance(await bob.open(wiki), Allow), "which is what --loosens was asked for"


async def test_nothing_else_is_ever_taken_out(house: House) -> None:
    await filled(house)
    mend, alice = Mend(house.premises), (await house.people.show("alice")).user.id
    for table, key in (("users", alice), ("users", "nobody"), ("event", "0"), ("no_such_table", "x")):
        with pytest.raises(NotFoundError, match="is damaged"):
            await mend.remove(BY, table, key, why=WHY, loosens=True)
        with pytest.raises(NotFoundError, match="is damaged"):
            await mend.show(table, key)
    for why in ("", "  ", "x" * 501):
        with pytest.raises(InvalidInputError, match="for a reason"):
            await mend.remove(BY, "users", alice, why=why)
    assert (await house.people.show("alice")).user.id == alice

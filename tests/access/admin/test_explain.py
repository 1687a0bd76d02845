"""Explanation: a recorded decision comes out the same to the bit, also after everything changed."""

import pytest
from msgspec.structs import replace

from assay import __version__
from assay.access.decide import entry_of, judge
from assay.access.explain import Decisions
from assay.access.import_policies import ImportOptions
from assay.access.people import Welcome
from assay.access.replay import Replays
from assay.access.steps import Refused
from assay.access.visitor import Destination
from assay.api.routes.decisions import decision_shape
from assay.policy import AppTarget, PolicyResult
from assay.policy.targets import OWN_PAGES
from assay.values import NotFoundError
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, PASSWORD, House, Person


async def refused_code(house: House, destination: Destination) -> str:
    alice = await house.person("alice")
    await alice.password()
    step = (await house.sign_in.start(alice.visitor, destination)).step
    assert isinstance(step, Refused)
    return step.short_code


async def test_a_refusal_is_explained_from_its_short_code(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    elsewhere = block(
        apps={"includeApplications": [app.id]},
        locations={"includeLocations": ["All"], "excludeLocations": ["33333333-3333-4333-8333-333333333333"]},
    )
    files = (source(policy(state="disabled")), source(elsewhere, "b"), source(location(network="198.51.100.0/24"), "c"))
    await house.policies.import_files(BY, files, ImportOptions())
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    account = await Decisions(house.premises).explain(code.lower())
    assert account.same is True
    assert (account.user_name, account.app_name, account.record.outcome) == ("alice", "wiki", "block")
    results = {each.display_name: each.result for each in account.explanation.every()}
    assert results == {"Block": PolicyResult.FAILURE, "Require MFA": PolicyResult.NOT_ENABLED}
    found = next(each for each in account.explanation.policies if each.display_name == "Block")
    assert {each.condition.value: each.value for each in found.conditions}["location"]
    assert all(each.satisfied for each in found.conditions)


async def test_the_smallest_way_in_is_told_with_what_the_person_has(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    alice = await house.person("alice")
    await house.apps.assign(BY, "wiki", user="alice")
    inside = {"includeLocations": ["All"], "excludeLocations": ["33333333-3333-4333-8333-333333333333"]}
    passkeys = {"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}
    files = (
        source(location(network="198.51.100.0/24"), "l"),
        source(block(apps={"includeApplications": [app.id]}, locations=inside), "b"),
        source(policy(grant=passkeys, apps={"includeApplications": [app.id]}), "p"),
    )
    await house.policies.import_files(BY, files, ImportOptions())
    await alice.password()
    step = (await house.sign_in.start(alice.visitor, Destination(app=app.id, path="/", state="s" * 43))).step
    assert isinstance(step, Refused)
    account = await Decisions(house.premises).explain(step.short_code)
    assert account.way_in is not None
    assert account.way_in.changes is not None
    told = [(each.kind.value, each.subject) for each in account.way_in.changes]
    assert told == [("registerMethod", "fido2"), ("otherPlace", "33333333-3333-4333-8333-333333333333")]


async def test_it_comes_out_the_same_after_policies_people_and_locations_changed(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    await house.policies.import_files(BY, (source(block(apps={"includeApplications": [app.id]})),), ImportOptions())
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    before = await Decisions(house.premises).explain(code)
    await house.policies.remove(BY, "Block")
    await house.apps.remove(BY, "wiki")
    await house.people.remove(BY, "alice")
    after = await Decisions(house.premises).explain(before.record.uid)
    assert after.same is True
    assert after.explanation.decision == before.explanation.decision
    assert after.explanation.every() == before.explanation.every() != ()
    assert after.app_name == ""


async def test_what_was_decided_before_anything_was_published_is_explained_too(house: House) -> None:
    app = await house.app("wiki", assigned=[])
    code = await refused_code(house, Destination(app=app.id, path="/", state="s" * 43))
    account = await Decisions(house.premises).explain(code)
    assert account.same is True
    assert account.explanation.policies == ()


async def test_an_unknown_code_is_not_found(house: House) -> None:
    with pytest.raises(NotFoundError):
        await Decisions(house.premises).explain("ZZZZ-ZZZZ")


async def test_a_refusal_that_asked_no_policy_is_not_made_again(house: House) -> None:
    """Registering methods takes more than a password, whatever policies say: nothing came out differently."""
    welcome = await house.people.add(BY, user_name="bob")
    assert isinstance(welcome, Welcome)
    bob = Person(house, "bob")
    bob.keep(await house.enrol.use(bob.visitor, welcome.link.url.rpartition("/")[2]))
    await house.enrol.set_password(bob.visitor, PASSWORD)
    bob.keep(await house.sign_in.sign_out(bob.visitor))
    await bob.password()
    step = (await house.enrol.methods(bob.visitor)).step
    assert isinstance(step, Refused)
    account = await Decisions(house.premises).explain(step.short_code)
    assert (account.record.outcome, account.same) == ("block", None)


async def test_nobody_who_is_disabled_is_let_in_by_policies(house: House) -> None:
    """Sessions end with it: this is what stands behind that."""
    alice = await house.person("alice")
    await alice.password()
    subject = house.signals.subject(await alice.user_id())
    assert subject is not None
    disabled = replace(subject, user=replace(subject.user, enabled=False))
    for who, reason in ((subject, None), (disabled, "userDisabled")):
        judgement = judge(
            house.signals,
            who,
            AppTarget(app_id=OWN_PAGES),
            proofs=(),
            address=None,
            user_agent="",
            at=house.clock.now(),
        )
        assert [found.code for found in judgement.decision.reasons] == ([] if reason is None else [reason])


async def test_r36_what_another_engine_decided_is_told_with_both_versions(house: House) -> None:
    """A release that decided otherwise is found out by making its decision again; one that did not is not blamed."""
    app = await house.app("wiki", assigned=[])
    blocking = source(block(apps={"includeApplications": [app.id]}))
    await house.policies.import_files(BY, (blocking,), ImportOptions())
    welcome = await house.people.add(BY, user_name="alice")
    assert isinstance(welcome, Welcome)
    subject = house.signals.subject(welcome.user.id)
    assert subject is not None
    today = judge(
        house.signals,
        subject,
        AppTarget(app_id=app.id),
        proofs=(),
        address=None,
        user_agent="",
        at=house.clock.now(),
    )
    # What a node of the release before hands to its log.
    theirs = replace(entry_of(today, None), engine_version="0.0.1")
    kept = {
        outcome: house.log.add(replace(theirs, outcome=outcome), house.clock.now()) for outcome in ("block", "allow")
    }
    await house.log.flush()
    for outcome, decision_id in kept.items():
        assert decision_id is not None
        told = decision_shape(await Decisions(house.premises).explain(decision_id))
        assert (told.outcome, told.same) == (outcome, outcome == "block")
        assert (told.engine_then, told.engine_now) == ("0.0.1", __version__)
    # All of history by today's engine, and the policies as they are: what an upgrade would decide otherwise.
    replayed = await Replays(house.premises).replay((blocking,), ImportOptions(), whole=True, since=None)
    assert (replayed.differently, replayed.differently_example) == (1, kept["allow"])

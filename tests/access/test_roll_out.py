"""Rollouts from report-only over a cohort to on: who is judged by which text, what is refused, how steps go back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from assay.access.attempt import NotDone
from assay.access.groups import Groups
from assay.access.named_locations import NamedLocations
from assay.access.policy_history import PolicyHistory
from assay.access.proving import Proving
from assay.access.publish_policy import Imported
from assay.access.roll_out import Draft, RollOuts, Wish
from assay.access.rollout_deadlines import AGAIN, RolloutDeadlines
from assay.access.write_policies import WritePolicies
from assay.api.sentences import sentence
from assay.governance.rollouts import CONFIRM_WITHIN, Stage
from assay.policy import PolicyState, export_policy
from assay.values import InvalidInputError, NotFoundError
from tests.access.admin.graph import block, policy, source
from tests.access.house import BY, House, Person
from tests.access.rolling import NOTHING, imported, states, stood, took, why

NO_CONFIRM = None


async def signed_in(house: House, name: str) -> Person:
    """Somebody with both factors in their session."""
    person = await house.person(name)
    await person.sign_in()
    return person


ON, OFF, REPORTS = "enabled", "disabled", "enabledForReportingButNotEnforced"


async def test_a_new_text_beside_an_old_one_that_is_on(house: House, roll_outs: RollOuts) -> None:
    alice, bob = await signed_in(house, "alice"), await signed_in(house, "bob")
    await Groups(house.premises).add(BY, name="Pilots")
    await Groups(house.premises).add_member(BY, "Pilots", user="alice")
    wiki = await house.app("wiki", assigned=["alice", "bob"])
    apps = {"includeApplications": [wiki.id]}
    # Old: a second factor; new: blocked.
    await imported(house, policy(name="Wiki", apps=apps, grant={"operator": "OR", "builtInControls": ["mfa"]}))
    before = await stood(house)
    for person in (alice, bob):
        await person.open(wiki)
    draft = Draft(of="wiki", file=source(policy(name="Wiki", apps=apps, grant=block()["grantControls"])))

    begun = took(await roll_outs.start(BY, draft))
    assert await states(house) == {"Wiki": ON, "Wiki (rollout)": REPORTS}
    assert (await stood(house))["Wiki"] == before["Wiki"]
    assert begun.rollout is not None
    assert (begun.rollout.step.stage, begun.rollout.step.confirm_by) == (Stage.REPORT_ONLY, None)
    for person in (alice, bob):
        house.claims(await person.ask(wiki))
    await house.log.flush()
    found = (await roll_outs.show("Wiki")).evidence
    assert found is not None
    assert (found.decisions, found.refused, found.people, found.administrators, found.complete) == (2, 2, 2, (), True)

    tried = took(await roll_outs.advance(BY, "Wiki", Wish(group="pilots")))
    assert await states(house) == {"Wiki": ON, "Wiki (rollout)": ON}
    assert tried.rollout is not None
    assert tried.rollout.step.confirm_by == house.clock.now() + CONFIRM_WITHIN
    assert tried.rollout.step.cohort is not None
    assert tried.rollout.step.cohort.people == (await alice.user_id(),)
    house.claims(await bob.ask(wiki))
    with pytest.raises(AssertionError):
        house.claims(await alice.ask(wiki))

    back = took(await roll_outs.back(BY, "Wiki"))
    assert back.rollout == begun.rollout
    assert await states(house) == {"Wiki": ON, "Wiki (rollout)": REPORTS}
    house.claims(await alice.ask(wiki))

    await roll_outs.advance(BY, "Wiki", Wish(group="pilots", within=NO_CONFIRM))
    assert why(await roll_outs.confirm(BY, "Wiki")) == "rolloutConfirmed"
    on = took(await roll_outs.advance(BY, "Wiki", Wish()))
    assert on.rollout is not None
    assert await states(house) == {"Wiki": ON}
    for person in (alice, bob):
        with pytest.raises(AssertionError):
            house.claims(await person.ask(wiki))
    assert took(await roll_outs.confirm(BY, "Wiki")).rollout is None
    assert await roll_outs.every() == ()
    with pytest.raises(NotFoundError):
        await roll_outs.show("Wiki")


async def test_a_new_policy_and_one_that_is_off_report_themselves_and_go_away_again(
    house: House, roll_outs: RollOuts
) -> None:
    await house.people.add(BY, user_name="alice")
    took(await roll_outs.start(BY, Draft(file=source(policy(name="New")))))
    assert await states(house) == {"New": REPORTS}
    took(await roll_outs.advance(BY, "New", Wish(percent=100)))
    assert await states(house) == {"New": REPORTS, "New (rollout)": ON}
    took(await roll_outs.back(BY, "New"))
    gone = took(await roll_outs.back(BY, "New"))
    assert (gone.rollout, gone.policy, gone.name) == (None, None, "New")
    assert await states(house) == {}

    await imported(house, policy(name="Off", state=OFF))
    before = await stood(house)
    took(await roll_outs.start(BY, Draft(of="Off")))
    assert await states(house) == {"Off": REPORTS}
    took(await roll_outs.back(BY, "Off"))
    assert await stood(house) == before


async def test_what_nobody_confirms_goes_back_at_its_deadline_and_administrators_are_told(
    house: House, roll_outs: RollOuts
) -> None:
    deadlines = RolloutDeadlines(house.premises)
    await house.people.add(BY, user_name="owner", email="owner@example.com")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    await imported(house, policy(name="Off", state=OFF))
    took(await roll_outs.start(BY, Draft(of="Off"), on_within=timedelta(minutes=1)))
    assert await states(house) == {"Off": ON}
    house.clock.advance(seconds=59, microseconds=999_999)
    await deadlines.tick()
    assert await states(house) == {"Off": ON}
    house.clock.advance(microseconds=1)
    await deadlines.tick()
    await deadlines.tick()
    assert await states(house) == {"Off": OFF}
    assert await roll_outs.every() == ()


async def test_going_back_that_would_lock_out_waits_says_why_and_is_tried_again(
    house: House, roll_outs: RollOuts
) -> None:
    deadlines = RolloutDeadlines(house.premises)
    await house.person("owner")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    everybody_but = {"includeUsers": ["All"], "excludeUsers": [(await house.people.show("owner")).user.id]}
    await imported(house, block(users=everybody_but))
    # Nobody is blocked by the new text, so the owner may lose the exception of another policy meanwhile.
    took(await roll_outs.start(BY, Draft(of="Block", file=source(policy(name="Block"))), on_within=CONFIRM_WITHIN))
    await house.person("other")
    await house.roles.assign(BY, "Global Administrator", user="other")
    assert not isinstance(await house.roles.remove(BY, "Global Administrator", user="owner"), NotDone)
    house.clock.advance(minutes=10)
    await deadlines.tick()
    assert (await states(house))["Block"] == ON
    (shown,) = await roll_outs.every()
    assert shown.stuck is not None
    assert shown.stuck.code == "wouldLockOut"
    await house.roles.assign(BY, "Global Administrator", user="owner")
    house.clock.advance(seconds=AGAIN.total_seconds())
    await deadlines.tick()
    assert await roll_outs.every() == ()


async def test_no_invariant_keeps_it_from_going_back(house: House, roll_outs: RollOuts, tmp_path: Path) -> None:
    """No proof is waited for, and what nobody can know refuses nothing: there is no such file."""
    await imported(house, policy(name="Off", state=OFF))
    took(await roll_outs.start(BY, Draft(of="Off"), on_within=CONFIRM_WITHIN))
    house.premises.proving = Proving(tmp_path / "none.yaml")
    house.clock.advance(minutes=10)
    await RolloutDeadlines(house.premises).tick()
    assert await states(house) == {"Off": OFF}


async def test_while_it_is_rolled_out_nothing_else_changes_the_policy(house: House, roll_outs: RollOuts) -> None:
    await imported(house, policy(name="Wiki"))
    took(await roll_outs.start(BY, Draft(of="Wiki", file=source(block()))))
    written, history = WritePolicies(house.premises), PolicyHistory(house.premises)
    before = await stood(house)
    for name in ("Wiki", "Block (rollout)"):
        for done in (
            await house.policies.set_state(BY, name, PolicyState.DISABLED),
            await house.policies.remove(BY, name),
            await written.amend(BY, name, {"description": "another"}),
            await written.remove(BY, name),
            await roll_outs.start(BY, Draft(of=name, file=source(policy()))),
        ):
            assert why(done) == "rolloutOpen", name
    assert why(await roll_outs.advance(BY, "Wiki", Wish(percent=1))) == "rolloutNobody"
    # An import goes on with the rest, and says so.
    other = "44444444-4444-4444-8444-444444444444"
    done = await house.policies.import_files(
        BY, (source(policy(name="Changed")), source(policy(other, "Other"))), NOTHING
    )
    assert isinstance(done, Imported)
    assert [(each.rolling_out, each.effect.value) for each in done.plan.policies] == [
        (True, "unchanged"),
        (False, "added"),
    ]
    after = await stood(house)
    assert {name: after[name] for name in before} == before
    took(await roll_outs.back(BY, "Wiki"))
    assert not isinstance(await house.policies.set_state(BY, "Wiki", PolicyState.DISABLED), NotDone)
    took(await roll_outs.start(BY, Draft(of="Wiki")))
    assert why(await history.restore(BY, "Wiki", 1)) == "rolloutOpen"


async def test_what_it_would_put_back_is_still_needed(house: House, roll_outs: RollOuts) -> None:
    locations = NamedLocations(house.premises)
    place = await locations.add(BY, name="Office", ranges=("192.0.2.0/24",))
    assert not isinstance(place, NotDone)
    there = {"includeLocations": [place.id]}
    await imported(house, policy(name="There", state=OFF, locations=there))
    took(await roll_outs.start(BY, Draft(of="There", file=source(policy(name="There")))))
    assert why(await locations.remove(BY, "Office")) == "locationInUse"
    took(await roll_outs.advance(BY, "There", Wish(within=NO_CONFIRM)))
    assert not isinstance(await locations.remove(BY, "Office"), NotDone)


async def test_what_may_not_be_on_is_not_rolled_out_further(house: House, roll_outs: RollOuts) -> None:
    newer = policy(name="Newer", grant={"operator": "OR", "builtInControls": ["mfa", "newControl"]})
    took(await roll_outs.start(BY, Draft(file=source(newer))))
    assert why(await roll_outs.advance(BY, "Newer", Wish())) == "policyUndecided"
    nobody = "99999999-9999-4999-8999-999999999998"
    foreign = policy(str(block()["id"]), "Foreign", users={"includeUsers": ["All"], "excludeUsers": [nobody]})
    took(await roll_outs.start(BY, Draft(file=source(foreign))))
    (shown,) = [each for each in await roll_outs.every() if each.name == "Foreign"]
    assert [each.id for each in shown.dangling] == [nobody]
    refused = await roll_outs.advance(BY, "Foreign", Wish())
    assert isinstance(refused, NotDone)
    # Neither --map nor --waive can be given to a step: the way is back and to the start.
    message, remedy = sentence(refused.reason)
    assert nobody in message
    assert "assay policy roll-out back NAME" in remedy
    took(await roll_outs.back(BY, "Foreign"))
    took(await roll_outs.start(BY, Draft(file=source(foreign), waived=(nobody,))))
    took(await roll_outs.advance(BY, "Foreign", Wish()))
    assert why(await roll_outs.advance(BY, "Foreign", Wish())) == "rolloutUnconfirmed"


async def test_a_step_that_would_lock_out_is_not_taken(house: House, roll_outs: RollOuts) -> None:
    await house.person("owner")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    took(await roll_outs.start(BY, Draft(file=source(block()))))
    for wish in (Wish(percent=100), Wish()):
        assert why(await roll_outs.advance(BY, "Block", wish)) == "wouldLockOut"
    (shown,) = await roll_outs.every()
    assert shown.rollout is not None
    assert len(shown.rollout.steps) == 1


async def test_an_administrator_who_was_refused_is_named_before_it_goes_on(house: House, roll_outs: RollOuts) -> None:
    owner = await signed_in(house, "owner")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    wiki = await house.app("wiki", assigned=["owner"])
    took(await roll_outs.start(BY, Draft(file=source(block(apps={"includeApplications": [wiki.id]})))))
    await owner.open(wiki)
    await house.log.flush()
    refused = await roll_outs.advance(BY, "Block", Wish())
    assert isinstance(refused, NotDone)
    assert sentence(refused.reason)[0] == "Block would have refused administrators whom nothing else refused: owner"
    done = took(await roll_outs.advance(BY, "Block", Wish(anyway=True)))
    assert done.evidence is not None
    assert (done.evidence.administrators, done.evidence.reported) == (("owner",), True)
    assert done.evidence.shows is not None
    assert f"assay explain {done.evidence.shows};" in sentence(refused.reason)[1]


async def test_bad_drafts_and_wishes_are_told_what_to_do(house: House, roll_outs: RollOuts) -> None:
    await imported(house, policy(name="Wiki"))
    for draft in (
        Draft(),
        Draft(file=source([policy(), block()])),
        Draft(file=source({"displayName": "none"})),
    ):
        with pytest.raises(InvalidInputError):
            await roll_outs.start(BY, draft)
    assert why(await roll_outs.start(BY, Draft(of="Wiki"))) == "rolloutNothingNew"
    same = json.loads(json.dumps(export_policy((await stood(house))["Wiki"][1])))
    assert why(await roll_outs.start(BY, Draft(file=source(same)))) == "rolloutNothingNew"
    with pytest.raises(NotFoundError):
        await roll_outs.show("Wiki")
    took(await roll_outs.start(BY, Draft(of="Wiki", file=source(block()))))
    for wish in (Wish(percent=101), Wish(percent=-1), Wish(group="a", percent=5), Wish(within=timedelta(days=8))):
        with pytest.raises(InvalidInputError):
            await roll_outs.advance(BY, "Wiki", wish)
    with pytest.raises(NotFoundError):
        await roll_outs.advance(BY, "Wiki", Wish(group="nobodys"))

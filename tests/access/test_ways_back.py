"""A change is held against the owner's invariants also as it would be once the rollouts that are open go back."""

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from assay.access.attempt import NotDone
from assay.access.import_policies import ImportOptions
from assay.access.proving import MOST_WAYS_BACK, Proving, WayBack
from assay.access.publish_policy import Imported
from assay.access.roll_out import Draft, RollOuts, ShownRollout
from assay.access.signals import read_policy_set
from assay.access.strengths import Strengths
from assay.access.ways_back import ways_back
from assay.policy import PolicySet, PolicyState
from assay.store import Reader
from tests.access.admin.graph import policy, source
from tests.access.house import BY, House

TWO_FACTORS = "invariants: [{name: two factors, who: everyone, reaches: any, requires: {strength: mfa}}]"
OTHER = "44444444-4444-4444-8444-44444444444"


def why(done: object) -> tuple[str, str]:
    assert isinstance(done, NotDone), done
    return done.reason.code, dict(done.reason.parameters).get("invariants", "")


async def test_what_makes_an_invariant_hold_stays_while_what_stands_in_for_it_may_go_back(
    house: House, roll_outs: RollOuts, tmp_path: Path
) -> None:
    """Else whoever may change policies could break it without saying why: going back waits for no proof."""
    await house.policies.import_files(
        BY, (source([policy(), policy(OTHER + "1", "Other", state="disabled")]),), ImportOptions()
    )
    (tmp_path / "invariants.yaml").write_text(TWO_FACTORS)
    house.premises.proving = Proving(tmp_path / "invariants.yaml")
    begun = await roll_outs.start(BY, Draft(of="Other"), on_within=timedelta(days=7))
    assert isinstance(begun, ShownRollout)
    code, invariants = why(await house.policies.remove(BY, "Require MFA"))
    assert code == "invariantBroken"
    assert "two factors (" in invariants
    assert "when the rollout of 'Other' goes back" in invariants
    off = ImportOptions(state=PolicyState.DISABLED, dry_run=True)
    dry = await house.policies.import_files(BY, (source(policy()),), off)
    assert isinstance(dry, Imported)
    assert dry.refusal is not None
    assert dict(dry.refusal.parameters)["invariants"] == invariants
    assert isinstance(await roll_outs.confirm(BY, "Other"), ShownRollout)
    assert not isinstance(await house.policies.remove(BY, "Require MFA"), NotDone)


async def test_two_rollouts_that_stand_in_for_one_another_are_held_together(house: House, roll_outs: RollOuts) -> None:
    drafts = [policy(OTHER + each, each, state="disabled") for each in "12"]
    await house.policies.import_files(BY, (source([policy(), *drafts]),), ImportOptions())
    for name in "12":
        assert isinstance(await roll_outs.start(BY, Draft(of=name), on_within=timedelta(days=7)), ShownRollout)

    def on(policy_set: PolicySet) -> set[str]:
        return {each.display_name for each in policy_set.policies if each.state is PolicyState.ENABLED}

    def look(reader: Reader) -> list[tuple[set[str], set[str]]]:
        now = read_policy_set(reader)
        less = replace(now, policies=tuple(each for each in now.policies if each.display_name != "Require MFA"))
        assert ways_back(reader, less, now, None) == (), "what only adds does so with any other"
        return [(on(each.before), on(each.after)) for each in ways_back(reader, now, less, None)]

    found = await house.store.read(look)
    assert sorted(found, key=str) == sorted(
        [({"Require MFA", "1"}, {"1"}), ({"Require MFA", "2"}, {"2"}), ({"Require MFA"}, set())], key=str
    )


async def test_a_strength_that_an_old_text_demands_stays_one_that_can_be_met(house: House, roll_outs: RollOuts) -> None:
    strengths = Strengths(house.premises)
    made = await strengths.create(BY, {"displayName": "Two", "allowedCombinations": ["fido2"]})
    assert not isinstance(made, NotDone)
    grant = {"operator": "OR", "authenticationStrength": {"id": made.id}}
    await house.policies.import_files(BY, (source(policy(grant=grant)),), ImportOptions())
    draft = Draft(of="Require MFA", file=source(policy()))
    assert isinstance(await roll_outs.start(BY, draft, on_within=timedelta(days=7)), ShownRollout)
    nobodys = {"allowedCombinations": ["x509CertificateMultiFactor"]}
    refused = await strengths.set_combinations(BY, "Two", nobodys)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "policyUnenforced"
    assert isinstance(await roll_outs.confirm(BY, "Require MFA"), ShownRollout)
    assert not isinstance(await strengths.set_combinations(BY, "Two", nobodys), NotDone)


async def test_more_than_can_be_proved_is_not_known(tmp_path: Path) -> None:
    empty = PolicySet()
    many = [WayBack(policy=f"P{number}", before=empty, after=empty) for number in range(MOST_WAYS_BACK + 1)]
    refused = await Proving(tmp_path / "none.yaml").refusal(empty, empty, BY, many)
    assert refused is not None
    assert refused.code == "invariantNotKnown"
    assert "too many rollouts" in dict(refused.parameters)["invariants"]

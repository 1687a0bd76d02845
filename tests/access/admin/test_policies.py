"""Policies: imported as exported, kept back while undecided, published by hash, never a lock-out."""

import json

import msgspec
import pytest

from assay.access.attempt import NotDone
from assay.access.import_policies import Effect, ImportOptions
from assay.access.named_locations import NamedLocations
from assay.access.policy_sets import kept_policy_set
from assay.access.publish_policy import Imported, PolicyDetails
from assay.access.roles import Roles
from assay.access.signals import read_policy_set
from assay.governance.roles import GLOBAL_ADMINISTRATOR, built_in_roles
from assay.policy import PolicyState, SourceFile, export_policy, policy_set_hash
from assay.values import InvalidInputError, NotFoundError
from tests.access.admin.conftest import Record
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, House

NOTHING = ImportOptions()
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
ELSEWHERE = "99999999-9999-4999-8999-999999999999"


async def imported(house: House, *contents: object, options: ImportOptions = NOTHING) -> Imported:
    files = tuple(source(content, f"{number}.json") for number, content in enumerate(contents))
    result = await house.policies.import_files(BY, files, options)
    assert isinstance(result, Imported), result
    return result


async def test_an_import_is_stored_once_and_idempotent(house: House, record: Record) -> None:
    first = await imported(house, policy(), location())
    again = await imported(house, policy(), location())
    assert [planned.effect for planned in first.plan.policies] == [Effect.ADDED]
    assert [planned.effect for planned in first.plan.locations] == [Effect.ADDED]
    assert [planned.effect for planned in again.plan.policies] == [Effect.UNCHANGED]
    assert [planned.effect for planned in again.plan.locations] == [Effect.UNCHANGED]
    changed = await imported(house, policy(name="Require it"))
    assert [planned.effect for planned in changed.plan.policies] == [Effect.CHANGED]
    events = await record.of("policy.imported")
    assert len(events) == 2
    assert msgspec.json.decode(bytes(events[0].unmapped.before))["displayName"] == "Require MFA"
    assert msgspec.json.decode(bytes(events[0].unmapped.after))["displayName"] == "Require it"


async def test_a_dry_run_reports_the_same_and_stores_nothing(house: House, record: Record) -> None:
    dry = await imported(house, policy(), location(), options=ImportOptions(dry_run=True))
    assert not dry.stored
    assert [planned.effect for planned in dry.plan.policies] == [Effect.ADDED]
    assert await house.policies.every() == ()
    assert not await record.of("policy.imported")


async def test_what_is_not_decided_is_kept_in_report_only_and_cannot_be_switched_on(house: House) -> None:
    demanding = policy(grant={"operator": "OR", "builtInControls": ["mfa", "newControl"]})
    (planned,) = (await imported(house, demanding)).plan.policies
    assert planned.wanted is PolicyState.ENABLED
    assert planned.policy.state is PolicyState.REPORT_ONLY
    assert planned.undecided == ("grantControls.builtInControls.newControl",)
    refused = await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED, waived=(planned.undecided[0],))
    assert isinstance(refused, NotDone)
    assert dict(refused.reason.parameters)["paths"] == "grantControls.builtInControls.newControl"


async def test_what_cannot_be_met_here_is_switched_on_by_hand_alone_and_stays_on(house: House) -> None:
    either = policy(grant={"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]})
    (planned,) = (await imported(house, either)).plan.policies
    assert (planned.undecided, planned.unenforced) == ((), ("grantControls.builtInControls.compliantDevice",))
    assert (planned.wanted, planned.policy.state) == (PolicyState.ENABLED, PolicyState.REPORT_ONLY)
    assert isinstance(await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED), PolicyDetails)
    (again,) = (await imported(house, either)).plan.policies
    assert (again.effect, again.policy.state) == (Effect.UNCHANGED, PolicyState.ENABLED)


async def test_references_to_elsewhere_are_mapped_or_waived_before_it_is_on(house: House) -> None:
    await house.people.add(BY, user_name="alice")
    foreign = policy(users={"includeUsers": ["All"], "excludeUsers": [ELSEWHERE]})
    (planned,) = (await imported(house, foreign)).plan.policies
    assert planned.policy.state is PolicyState.REPORT_ONLY
    assert [(each.kind.value, each.path, each.id) for each in planned.dangling] == [
        ("user", "conditions.users.excludeUsers", ELSEWHERE)
    ]
    refused = await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "policyDangling"
    on = await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED, mapping=((ELSEWHERE, "alice"),))
    assert isinstance(on, PolicyDetails)
    alice = (await house.people.show("alice")).user
    assert on.policy.conditions.users.exclude_users == (alice.id,)


async def test_a_role_may_stand_under_its_display_name(house: House) -> None:
    roles = built_in_roles().values()
    assert len({role.display_name.lower() for role in roles}) == len(roles), "no two have one name"
    named = policy(users={"includeRoles": ["global administrator", "Group of nobody"], "excludeRoles": [READER]})
    options = ImportOptions(roles_by_name=True)
    (planned,) = (await imported(house, named, options=options)).plan.policies
    users = planned.policy.conditions.users
    assert users.include_roles[0] == GLOBAL_ADMINISTRATOR
    assert users.exclude_roles == (READER,)
    assert planned.roles == ("Global Administrator",)
    assert [each.id.lower() for each in planned.dangling] == ["group of nobody"]
    # A group of that name is no role.
    groups = policy(users={"includeUsers": ["All"], "excludeGroups": ["Global Administrator"]})
    (planned,) = (await imported(house, groups, options=options)).plan.policies
    assert (len(planned.dangling), planned.roles) == (1, ())


async def test_an_import_maps_waives_and_overrides_the_state(house: House) -> None:
    await house.people.add(BY, user_name="alice")
    foreign = policy(
        users={"includeUsers": ["All"], "excludeUsers": [ELSEWHERE], "excludeGroups": [ELSEWHERE[:-1] + "8"]}
    )
    options = ImportOptions(mapping=((ELSEWHERE.upper(), "alice"),), waived=(ELSEWHERE[:-1] + "8",))
    (planned,) = (await imported(house, foreign, options=options)).plan.policies
    assert planned.dangling == ()
    assert planned.policy.state is PolicyState.ENABLED
    off = ImportOptions(mapping=options.mapping, state=PolicyState.DISABLED)
    (planned,) = (await imported(house, foreign, options=off)).plan.policies
    assert planned.policy.state is PolicyState.DISABLED


async def test_a_template_and_its_location_are_imported_together(house: House) -> None:
    """Neither has an id yet, and the template names the location and a group by placeholders."""
    await house.people.add(BY, user_name="alice")
    place = {"displayName": "Oslo", "ipRanges": [{"cidrAddress": "198.51.100.0/24"}], "isTrusted": True}
    template = policy(
        users={"includeUsers": ["All"], "excludeUsers": ["Person-ReplaceMe"]},
        locations={"includeLocations": ["All"], "excludeLocations": ["{{LocationId_Oslo}}"]},
    )
    options = ImportOptions(mapping=(("{{LocationId_Oslo}}", "oslo"), ("Person-ReplaceMe", "alice")))
    plan = (await imported(house, template, place, options=options)).plan
    (planned,), (location_planned,) = plan.policies, plan.locations
    assert (planned.dangling, planned.policy.state, plan.malformed) == ((), PolicyState.ENABLED, ())
    named = planned.policy.conditions.locations
    assert named is not None
    assert named.exclude_locations == (location_planned.location.id,)
    again = (await imported(house, template, place, options=options)).plan
    assert [each.effect for each in again.policies] == [Effect.UNCHANGED]
    assert [each.effect for each in again.locations] == [Effect.UNCHANGED]


async def test_a_mapping_to_nothing_is_wrong_use(house: House) -> None:
    with pytest.raises(InvalidInputError):
        await house.policies.import_files(BY, (source(policy()),), ImportOptions(mapping=((ELSEWHERE, "nobody"),)))


async def test_one_bad_file_does_not_hide_the_others(house: House) -> None:
    report = (await imported(house, policy(), {"displayName": "no state", "conditions": {}}, [1, 2])).plan
    assert [planned.policy.display_name for planned in report.policies] == ["Require MFA"]
    assert {bad.source for bad in report.malformed} | set(report.ignored) == {"1.json", "2.json"}


async def test_every_publication_is_kept_by_its_hash(house: House) -> None:
    await imported(house, policy(state="disabled"), location())
    await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED)
    now = await house.store.read(read_policy_set)
    kept = await house.store.read(lambda reader: kept_policy_set(reader, policy_set_hash(now)))
    assert kept == now
    await house.policies.remove(BY, "Require MFA")
    await NamedLocations(house.premises).remove(BY, "Office")
    still = await house.store.read(lambda reader: kept_policy_set(reader, policy_set_hash(now)))
    assert still == now


async def test_switching_on_is_published_and_off_is_changed(house: House, record: Record) -> None:
    await imported(house, policy(state="disabled"))
    await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED)
    await house.policies.set_state(BY, "Require MFA", PolicyState.ENABLED)
    await house.policies.set_state(BY, "require mfa", PolicyState.REPORT_ONLY)
    assert len(await record.of("policy.published")) == 1
    assert len(await record.of("policy.changed")) == 1


async def test_what_was_exported_comes_back_unchanged(house: House) -> None:
    await imported(house, policy(grant={"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}))
    in_force = await house.policies.policy_set()
    exported = [export_policy(each) for each in in_force.policies]
    again = await imported(house, json.loads(json.dumps({"value": exported})))
    assert [planned.effect for planned in again.plan.policies] == [Effect.UNCHANGED]


async def administered(house: House) -> None:
    await house.person("alice")
    await Roles(house.premises).assign(BY, "Global Administrator", user="alice")


@pytest.mark.parametrize("targets", [["All"], ["a55a0000-0000-4000-8000-000000000003"]])
async def test_a_policy_that_locks_every_administrator_out_is_not_published(house: House, targets: list[str]) -> None:
    await administered(house)
    refused = await house.policies.import_files(BY, (source(block(apps={"includeApplications": targets})),), NOTHING)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "wouldLockOut"
    assert await house.policies.every() == ()
    dry = await imported(house, block(apps={"includeApplications": targets}), options=ImportOptions(dry_run=True))
    assert dry.refusal is not None
    off = await imported(house, block(state="disabled", apps={"includeApplications": targets}))
    assert off.stored
    assert isinstance(await house.policies.set_state(BY, "Block", PolicyState.ENABLED), NotDone)
    assert (await house.policies.show("Block")).policy.state is PolicyState.DISABLED


async def test_a_way_in_from_one_place_or_for_one_administrator_is_enough(house: House) -> None:
    await administered(house)
    from_outside = block(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})
    assert (await imported(house, location(), from_outside)).stored
    alice = (await house.people.show("alice")).user
    await house.policies.remove(BY, "Block")
    but_alice = block(users={"includeUsers": ["All"], "excludeUsers": [alice.id]})
    assert (await imported(house, but_alice)).stored


def ranges(location_id: str, name: str, *networks: str) -> dict[str, object]:
    kind = "#microsoft.graph.iPv4CidrRange"
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": location_id,
        "displayName": name,
        "ipRanges": [{"@odata.type": kind, "cidrAddress": network} for network in networks],
    }


async def test_the_one_place_that_lets_in_is_found_among_many(house: House) -> None:
    """Neither the number of ranges nor that nothing is outside of them hides it."""
    await administered(house)
    everywhere = ranges("44444444-4444-4444-8444-444444444400", "Everywhere", "0.0.0.0/1", "128.0.0.0/1")
    many = [f"198.51.{third}.{fourth}/32" for third in range(100, 103) for fourth in range(100)]
    others = ranges("44444444-4444-4444-8444-444444444401", "Others", *many)
    near = ranges("44444444-4444-4444-8444-444444444402", "Near", "203.0.113.9/32")
    outside = block(locations={"includeLocations": ["All"], "excludeLocations": [near["id"]]})
    assert (await imported(house, everywhere, others, near, outside)).stored
    outer = block(locations={"includeLocations": ["All"]}) | {"id": ELSEWHERE, "displayName": "Block all"}
    refused = await house.policies.import_files(BY, (source(outer),), NOTHING)
    assert isinstance(refused, NotDone)
    assert dict(refused.reason.parameters) == {"person": "alice", "policies": "Block, Block all"}


async def test_a_method_that_no_administrator_has_locks_out_too(house: House) -> None:
    await administered(house)
    passkey_only = policy(
        grant={"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}
    )
    assert isinstance(await house.policies.import_files(BY, (source(passkey_only),), NOTHING), NotDone)
    assert (await imported(house, policy())).stored


async def test_a_location_that_lets_administrators_in_cannot_be_emptied(house: House) -> None:
    await administered(house)
    await imported(
        house, location(), block(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})
    )
    refused = await NamedLocations(house.premises).edit(BY, "Office", trusted=False)
    assert isinstance(refused, NotDone)
    assert refused.reason.code == "wouldLockOut"


async def test_a_location_by_country_keeps_its_countries_when_its_trust_changes(house: House) -> None:
    kept = {"@odata.type": "#microsoft.graph.countryNamedLocation", "countriesAndRegions": ["NO", "SE"]}
    await imported(house, {"id": "44444444-4444-4444-8444-444444444444", "displayName": "North", **kept})
    edited = await NamedLocations(house.premises).edit(BY, "North", trusted=True)
    assert not isinstance(edited, NotDone)
    assert (edited.countries, edited.is_trusted) == (("NO", "SE"), True)


async def test_locations_are_added_changed_and_not_removed_while_named(house: House) -> None:
    flow = NamedLocations(house.premises)
    added = await flow.add(BY, name="Office", ranges=("192.0.2.0/24",))
    assert not isinstance(added, NotDone)
    await imported(house, policy(locations={"includeLocations": [added.id]}))
    in_use = await flow.remove(BY, "office")
    assert isinstance(in_use, NotDone)
    assert in_use.reason.code == "locationInUse"
    await house.policies.remove(BY, "Require MFA")
    assert not isinstance(await flow.edit(BY, "office", trusted=True), NotDone)
    trusted = await flow.remove(BY, "office")
    assert isinstance(trusted, NotDone)
    assert trusted.reason.code == "locationTrusted", "as in Entra: AllTrusted may mean it"
    assert not isinstance(await flow.edit(BY, "office", trusted=False), NotDone)
    assert await flow.remove(BY, "office") == added
    with pytest.raises(NotFoundError):
        await flow.show("office")
    for ranges in ((), ("not an address",)):
        with pytest.raises(InvalidInputError):
            await flow.add(BY, name="Office", ranges=ranges)


async def test_what_was_switched_on_with_an_unknown_id_stays_on_when_it_is_imported_again(house: House) -> None:
    elsewhere = "55555555-5555-4555-8555-555555555555"
    file = source(policy(users={"includeUsers": ["All"], "excludeGroups": [elsewhere]}))
    await house.policies.import_files(BY, (file,), ImportOptions(waived=(elsewhere,)))
    again = await house.policies.import_files(BY, (file,), ImportOptions())
    assert isinstance(again, Imported)
    assert again.plan.policies[0].effect is Effect.UNCHANGED
    assert (await house.policies.show("Require MFA")).policy.state is PolicyState.ENABLED
    renamed = source(policy(users={"includeUsers": ["All"], "excludeGroups": [elsewhere, elsewhere.replace("5", "6")]}))
    (kept,) = (await imported_files(house, renamed)).plan.policies
    assert kept.refused is not None
    assert (kept.refused.code, kept.effect) == ("policyDangling", Effect.UNCHANGED)
    assert (await house.policies.show("Require MFA")).policy == again.plan.policies[0].policy, "on, as it was"


async def imported_files(house: House, *files: SourceFile, options: ImportOptions = NOTHING) -> Imported:
    result = await house.policies.import_files(BY, files, options)
    assert isinstance(result, Imported), result
    return result


async def test_what_is_on_is_not_switched_off_by_a_file_that_nobody_can_meet(house: House, record: Record) -> None:
    await imported(house, policy())
    before = await house.policies.show("Require MFA")
    device = policy(grant={"operator": "OR", "builtInControls": ["compliantDevice"]})
    for _ in range(2):
        result = await imported(house, device, block(state="disabled"))
        kept, other = result.plan.policies
        assert (kept.refused and kept.refused.code, kept.effect) == ("policyUnenforced", Effect.UNCHANGED)
        assert kept.policy.grant_controls != before.policy.grant_controls, "the report tells of what was read"
        assert (await house.policies.show("Require MFA")).policy == before.policy
    assert other.effect is Effect.UNCHANGED, "the rest of an import is stored all the same"
    assert len(await record.of("policy.imported")) == 2
    # Told to, it goes on as report-only.
    await imported(house, device, options=ImportOptions(state=PolicyState.REPORT_ONLY))
    assert (await house.policies.show("Require MFA")).policy.state is PolicyState.REPORT_ONLY

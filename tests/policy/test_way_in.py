"""The smallest way in: verified by deciding again, and no cheaper set of changes does, whatever else was asked."""

from itertools import chain, combinations
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from assay.policy import Method, Outcome, PolicySet, Proof, compile_policies, decide
from assay.policy.compile import CompiledPolicySet
from assay.policy.definition import NamedLocation, Undecided
from assay.policy.enforcement import EVERYTHING
from assay.policy.explain import explain
from assay.policy.request import AccessRequest, ClientApp, Satisfied
from assay.policy.way_in import COSTS, Change, ChangeKind, Means, candidates, changed, way_in
from assay.values import LocationId
from tests.policy.build import BLOCK, MFA, NOW, PASSKEY, PASSWORD, RESISTANT, TOTP, graph, proof, read, request
from tests.policy.cases import control_sets, policy_sets, requests

KEY = Proof(method=Method.FIDO2, at=NOW, user_verified=True)
HAS_CODES = Means(held=(PASSWORD, TOTP), registrable=(KEY,))


def kinds(policy_set: PolicySet, asked: AccessRequest, means: Means = HAS_CODES) -> list[tuple[str, str]] | None:
    found = way_in(compile_policies(policy_set), asked, means)
    assert found.exhaustive
    return None if found.changes is None else [(change.kind.value, change.subject) for change in found.changes]


def test_what_is_allowed_needs_nothing() -> None:
    assert kinds(read(graph(grantControls=MFA)), request(PASSWORD, TOTP)) == []


def test_a_method_that_the_person_has_comes_before_one_to_register() -> None:
    policies = read(graph(grantControls=MFA))
    assert kinds(policies, request(PASSWORD)) == [("useMethod", "softwareOath")]
    assert kinds(policies, request(PASSWORD), Means(held=(PASSWORD,), registrable=(KEY,))) == [
        ("registerMethod", "fido2")
    ]


def test_of_methods_that_cost_the_same_the_commonest_is_told() -> None:
    policies = read(graph(grantControls=MFA))
    code, voice = (Proof(method=method, at=NOW, user_verified=True) for method in (Method.RECOVERY_CODE, Method.VOICE))
    assert kinds(policies, request(PASSWORD), Means(held=(code, PASSWORD, TOTP))) == [("useMethod", "softwareOath")]
    assert kinds(policies, request(PASSWORD), Means(held=(code, voice))) == [("useMethod", "voice")]
    assert kinds(policies, request(PASSWORD), Means(held=(code,))) == [("useMethod", "recoveryCode")]
    (explained,) = explain(compile_policies(policies), request(PASSWORD)).policies
    assert explained.controls[0].missing == (Method.SOFTWARE_OATH,)


def test_what_was_used_is_proved_again_before_anything_else() -> None:
    hourly = {"signInFrequency": {"value": 1, "type": "hours", "isEnabled": True}}
    policies = read(graph(grantControls=MFA, sessionControls=hourly))
    old = request(proof(Method.PASSWORD, 90), proof(Method.SOFTWARE_OATH, 90))
    assert kinds(policies, old) == [("reauthenticate", "password"), ("reauthenticate", "softwareOath")]


def test_the_strongest_of_several_demands_counts() -> None:
    policies = read(graph("mfa", grantControls=MFA), graph("key", grantControls=RESISTANT))
    assert kinds(policies, request(PASSWORD)) == [("registerMethod", "fido2")]


def test_a_device_is_spoken_of_only_where_it_is_seen() -> None:
    either = {"operator": "OR", "builtInControls": ["compliantDevice", "domainJoinedDevice"]}
    policies = read(graph(grantControls=either))
    asked = replace(request(PASSWORD), enforced_by=EVERYTHING)
    assert kinds(policies, asked) is None
    assert kinds(policies, asked, replace(HAS_CODES, devices=True)) == [("useCompliantDevice", "")]


def test_a_change_that_makes_another_policy_apply_is_followed_by_what_that_one_asks() -> None:
    compliant = {"operator": "OR", "builtInControls": ["compliantDevice"]}
    rule = {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}}
    policies = read(
        graph("device", grantControls=compliant), graph("then", grantControls=RESISTANT, conditions={"devices": rule})
    )
    asked = replace(request(PASSWORD), enforced_by=EVERYTHING)
    assert kinds(policies, asked, replace(HAS_CODES, devices=True)) == [
        ("registerMethod", "fido2"),
        ("useCompliantDevice", ""),
    ]


def test_nobody_but_an_administrator_lifts_a_block_or_assigns() -> None:
    everything = replace(HAS_CODES, devices=True, applications=True, places=True)
    assert kinds(read(graph(grantControls=BLOCK)), request(PASSWORD, TOTP, PASSKEY), everything) is None
    assert kinds(read(), request(PASSWORD, assigned=False), everything) is None


def test_a_legacy_client_is_left_for_a_browser() -> None:
    asked = request(PASSWORD, TOTP, client=ClientApp.OTHER)
    assert kinds(read(graph(grantControls=MFA)), asked) == [("useBrowser", "")]


def test_what_is_there_stays_and_what_nobody_asks_for_here_is_no_way() -> None:
    grant = {"operator": "AND", "customAuthenticationFactors": ["token", "card"], "termsOfUse": ["old", "new"]}
    policies = read(graph(grantControls=grant))
    done = Satisfied(custom_authentication_factors=frozenset({"token"}), terms_of_use=frozenset({"old"}))
    asked = replace(request(PASSWORD), satisfied=done)
    assert kinds(policies, asked) is None
    assert kinds(policies, replace(asked, enforced_by=EVERYTHING)) == [("acceptTerms", "new"), ("customFactor", "card")]


def test_a_place_that_lets_in_is_the_trusted_one_that_is_decided() -> None:
    odd = Undecided(path=("newPart",), json="{}")
    places = tuple(
        NamedLocation(id=LocationId(name), display_name=name, is_trusted=trusted, ranges=(held,), undecided=undecided)
        for name, trusted, held, undecided in (
            ("cellar", True, "203.0.113.0/24", (odd,)),
            ("home", False, "198.51.100.0/24", ()),
            ("office", True, "192.0.2.0/24", ()),
        )
    )
    outside = {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}
    policies = read(graph(grantControls=BLOCK, conditions=outside), locations=places)
    asked = request(PASSWORD, address="198.51.100.7")
    assert kinds(policies, asked) is None
    assert kinds(policies, asked, replace(HAS_CODES, places=True)) == [("otherPlace", "office")]


MANY: Final = tuple(proof(method) for method in list(Method)[:12])


def test_where_no_proof_is_enough_none_is_tried() -> None:
    """Twelve methods are four thousand sets that are cheaper than the device, or the place, that alone would do."""
    compliant = read(graph(grantControls={"operator": "OR", "builtInControls": ["compliantDevice"]}))
    asked = replace(request(address="198.51.100.7"), enforced_by=EVERYTHING)
    assert kinds(compliant, asked, Means(held=MANY, devices=True)) == [("useCompliantDevice", "")]
    office = NamedLocation(id=LocationId("office"), display_name="Office", ranges=("192.0.2.0/24",))
    outside = {"locations": {"includeLocations": ["All"], "excludeLocations": ["office"]}}
    blocked = read(graph(grantControls=BLOCK, conditions=outside), graph("mfa", grantControls=MFA), locations=(office,))
    found = kinds(blocked, asked, Means(held=MANY, places=True))
    assert found is not None
    assert [kind for kind, _ in found] == ["useMethod", "otherPlace"]


def test_however_many_methods_somebody_has_what_they_do_not_meet_is_found() -> None:
    """Of all methods there are half a million sets that are cheaper than what would do beside them."""
    means = Means(held=tuple(proof(method) for method in Method), devices=True)
    compliant = {"operator": "OR", "builtInControls": ["compliantDevice"]}
    asked = replace(request(), enforced_by=EVERYTHING)
    factors = {"operator": "AND", "customAuthenticationFactors": ["one", "two", "three"]}
    assert kinds(read(graph(grantControls=factors)), asked, means) == [
        ("customFactor", "one"),
        ("customFactor", "three"),
        ("customFactor", "two"),
    ]
    policies = read(graph("device", grantControls=compliant), graph("key", grantControls=RESISTANT))
    assert kinds(policies, asked, means) == [("useMethod", "fido2"), ("useCompliantDevice", "")]
    assert kinds(read(graph(grantControls=BLOCK)), asked, means) is None


def test_a_search_that_was_given_up_says_so() -> None:
    """Forty-eight demands that either of two terms meets: for each all others are tried."""
    policies = read(
        *(
            graph(f"either-{number}", grantControls={"operator": "OR", "termsOfUse": [f"a{number}", f"b{number}"]})
            for number in range(48)
        )
    )
    found = way_in(compile_policies(policies), replace(request(), enforced_by=EVERYTHING), Means())
    assert (found.changes, found.exhaustive) == (None, False)


SOME = Means(
    held=(PASSWORD, replace(TOTP, at=NOW)),
    registrable=(replace(KEY, aaguid="model-a"),),
    devices=True,
    applications=True,
)
quick = settings(
    max_examples=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if phase is not Phase.shrink],
)


def hold(policy_set: PolicySet, asked: AccessRequest) -> None:
    """Against every set of changes that there is, by brute force."""
    compiled = compile_policies(policy_set)
    means = replace(SOME, held=tuple(replace(each, at=asked.at) for each in SOME.held))
    possible = sorted(candidates(compiled, asked, means), key=lambda change: (change.kind, change.subject))[:7]
    found = way_in(compiled, asked, means)
    granting = [
        sum(change.cost for change in changes)
        for changes in chain.from_iterable(combinations(possible, size) for size in range(len(possible) + 1))
        if granted(compiled, asked, changes)
    ]
    if found.changes is None:
        assert granting == [] or asked.assigned is False
    else:
        assert granted(compiled, asked, found.changes)
        assert all(sum(change.cost for change in found.changes) <= cost for cost in granting)


def granted(compiled: CompiledPolicySet, asked: AccessRequest, changes: tuple[Change, ...]) -> bool:
    after = changed(asked, changes)
    return decide(compiled, compiled.subject(after.principal), after).outcome is Outcome.ALLOW


@quick
@given(policy_sets(), requests)
def test_no_cheaper_changes_let_the_person_in(policy_set: PolicySet, asked: AccessRequest) -> None:
    hold(policy_set, asked)


@quick
@given(control_sets(), requests)
def test_no_cheaper_changes_meet_the_demands(policy_set: PolicySet, asked: AccessRequest) -> None:
    hold(policy_set, asked)


def test_every_kind_of_change_has_its_price() -> None:
    assert list(COSTS) == list(ChangeKind)
    assert sorted(COSTS.values()) == list(COSTS.values())

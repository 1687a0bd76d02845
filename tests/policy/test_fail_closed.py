"""A condition that raises denies, and the decision names it."""

from typing import NoReturn

import pytest
from msgspec.structs import replace

from assay.policy import Outcome, Principal, compile_policies, decide, explain
from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS
from assay.policy.conditions.base import Condition, Index, Policies, SubjectIndex, SubjectKind
from assay.policy.definition import CountryLookup, NamedLocation
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, InsiderRiskLevel, RiskLevel
from assay.values import LocationId
from tests.policy.build import BLOCK, MFA, PASSKEY, graph, judge, read, request


def _raise(_: AccessRequest) -> NoReturn:
    raise LookupError("signal")


def _broken_index(_: Policies, __: LocationTable) -> Index:
    return _raise


@pytest.mark.parametrize("broken", CONDITIONS, ids=lambda condition: condition.name)
def test_a_condition_that_raises_denies(broken: Condition) -> None:
    conditions = [replace(found, index=_broken_index) if found is broken else found for found in CONDITIONS]
    compiled = compile_policies(read(graph(grantControls=MFA)), conditions=conditions)
    asked = request(PASSKEY)
    decision = decide(compiled, compiled.subject(asked.principal), asked)
    assert decision.outcome is Outcome.BLOCK
    assert [reason.code for reason in decision.reasons] == ["conditionCannotBeEvaluated"]
    assert dict(decision.reasons[0].parameters) == {"condition": broken.name.value}


def test_a_subject_that_cannot_be_evaluated_denies() -> None:
    def raising(_: Principal) -> NoReturn:
        raise LookupError("directory")

    broken = SubjectKind(
        index=lambda _: SubjectIndex(include=raising, exclude=raising),
        include=SUBJECT_KINDS[0].include,
        exclude=SUBJECT_KINDS[0].exclude,
    )
    compiled = compile_policies(read(), subject_kinds=[broken])
    asked = request(PASSKEY)
    decision = decide(compiled, compiled.subject(asked.principal), asked)
    assert decision.outcome is Outcome.BLOCK
    assert dict(decision.reasons[0].parameters) == {"condition": "users"}
    assert explain(compiled, asked).decision == decision


CONFIGURED: dict[str, object] = {
    "clientAppTypes": ["browser"],
    "platforms": {"includePlatforms": ["linux"]},
    "locations": {"includeLocations": ["All"]},
    "devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -ne True"}},
    "signInRiskLevels": ["none"],
    "userRiskLevels": ["none"],
    "servicePrincipalRiskLevels": ["none"],
    "agentIdRiskLevels": "high",
    "insiderRiskLevels": "minor",
    "authenticationFlows": {"transferMethods": "deviceCodeFlow"},
    "agentContext": {"includeAgentContexts": ["desk"]},
}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_condition_looks_at_neither_the_instant_nor_the_proofs(condition: Condition) -> None:
    """Answers are remembered for as long as the proofs' ages allow: a condition on time would be remembered too."""

    class Timeless:
        def __init__(self, asked: AccessRequest) -> None:
            for name in set(asked.__struct_fields__) - {"at", "proofs"}:
                setattr(self, name, getattr(asked, name))

    asked = request(PASSKEY)
    policies = read(graph(conditions=CONFIGURED, grantControls=MFA)).policies
    index = condition.index(policies, LocationTable(()))
    assert index is not None
    assert index(Timeless(asked)) == index(asked)  # type: ignore[arg-type]  # what it may look at, and no more


OFFICE = NamedLocation(id=LocationId("office"), display_name="", is_trusted=True, ranges=("192.0.2.0/24",))
GPS = CountryLookup.AUTHENTICATOR_APP_GPS
PHONE = NamedLocation(id=LocationId("phone"), display_name="", countries=("NO",), lookup=GPS)
NORTH = NamedLocation(id=LocationId("north"), display_name="", countries=("NO",))
ODD = NamedLocation(
    id=LocationId("odd"), display_name="", countries=("KP",), include_unknown_countries_and_regions=True
)
NETWORK = NamedLocation(id=LocationId("network"), display_name="", compliant_network=True)
NOTHING = request(PASSKEY, address=None)


@pytest.mark.parametrize(
    ("include", "exclude", "asked", "outcome"),
    [
        (["office"], [], NOTHING, Outcome.BLOCK),
        (["AllTrusted"], [], NOTHING, Outcome.BLOCK),
        (["phone"], [], NOTHING, Outcome.BLOCK),
        (["All"], ["office"], NOTHING, Outcome.BLOCK),
        (["All"], ["All"], NOTHING, Outcome.BLOCK),
        (["All"], ["odd"], NOTHING, Outcome.BLOCK),
        (["network"], [], NOTHING, Outcome.BLOCK),
        (["All"], ["network"], replace(NOTHING, compliant_network=True), Outcome.ALLOW),
        (["All"], ["north"], replace(NOTHING, country="NO"), Outcome.ALLOW),
        (["office"], [], request(PASSKEY), Outcome.ALLOW),
        (["All"], ["phone"], replace(NOTHING, gps_country="NO"), Outcome.ALLOW),
        (["All"], ["phone"], replace(NOTHING, gps_country="DK"), Outcome.BLOCK),
    ],
)
def test_who_comes_from_nowhere_that_is_known_is_meant_by_every_place(
    include: list[str], exclude: list[str], asked: AccessRequest, outcome: Outcome
) -> None:
    places = {"locations": {"includeLocations": include, "excludeLocations": exclude}}
    policies = read(graph(conditions=places, grantControls=BLOCK), locations=(OFFICE, PHONE, NORTH, ODD, NETWORK))
    assert judge(policies, asked).outcome is outcome
    assert explain(compile_policies(policies), asked).decision.outcome is outcome


NORTH_ONLY: dict[str, object] = {"locations": {"includeLocations": ["north"]}}
NOT_NORTH: dict[str, object] = {"locations": {"includeLocations": ["All"], "excludeLocations": ["north"]}}


@pytest.mark.parametrize(
    ("conditions", "field", "unknown", "harmless"),
    [
        ({"signInRiskLevels": ["high"]}, "sign_in_risk", None, RiskLevel.LOW),
        ({"userRiskLevels": ["high"]}, "user_risk", None, RiskLevel.LOW),
        ({"insiderRiskLevels": "elevated"}, "insider_risk", None, InsiderRiskLevel.NONE),
        (NORTH_ONLY, "country", None, "DK"),
        (NOT_NORTH, "country", None, "NO"),
        (NOT_NORTH, "country", "", "NO"),
    ],
)
def test_r30_a_source_that_cannot_be_asked_restricts_and_never_excuses(
    conditions: dict[str, object], field: str, unknown: str | None, harmless: str
) -> None:
    """Whoever fills a signal says None where its source is gone, damaged or too old to be believed."""
    compiled = compile_policies(read(graph(conditions=conditions, grantControls=BLOCK), locations=(NORTH,)))
    for seen, outcome in ((unknown, Outcome.BLOCK), (harmless, Outcome.ALLOW)):
        asked = replace(request(PASSKEY), **{field: seen})
        assert decide(compiled, compiled.subject(asked.principal), asked).outcome is outcome
        assert explain(compiled, asked).decision.outcome is outcome

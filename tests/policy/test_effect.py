"""What a change makes of who is let in, where it is plain from the two sets: by a table, and held to the solver."""

from typing import Final, NamedTuple

import pytest
from msgspec.structs import replace

from assay.policy import NamedLocation, PolicySet, compile_policies
from assay.policy.effect import Effect, plain_effect
from assay.policy.enforcement import GATEWAY
from assay.policy.proof import Result, prove
from assay.policy.strengths import MFA as MFA_STRENGTH
from assay.values import LocationId
from tests.policy.build import BLOCK, MFA, RESISTANT, graph, read

OFFICE: Final = NamedLocation(id=LocationId("office"), display_name="Office", is_trusted=True, ranges=("192.0.2.0/24",))
HOME: Final = NamedLocation(id=LocationId("home"), display_name="Home", ranges=("198.51.100.0/24",))
FACTORS: Final = graph("mfa", grantControls=MFA)
OUTSIDE: Final = graph(
    "outside",
    conditions={"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
    grantControls=RESISTANT,
)
AT_HOME: Final = graph("home", conditions={"locations": {"includeLocations": ["home"]}}, grantControls=BLOCK)
EVERYWHERE: Final = graph("everywhere", grantControls=RESISTANT)
REGISTERING: Final = graph(
    "registering",
    conditions={"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}},
    grantControls={"operator": "OR", "authenticationStrength": {"id": MFA_STRENGTH}},
)
FROM: Final = graph("hourly", sessionControls={"signInFrequency": {"isEnabled": True, "type": "hours", "value": 1}})


def off(policy: dict[str, object]) -> dict[str, object]:
    return {**policy, "state": "disabled"}


def reporting(policy: dict[str, object]) -> dict[str, object]:
    return {**policy, "state": "enabledForReportingButNotEnforced"}


def of(*policies: dict[str, object], places: tuple[NamedLocation, ...] = (OFFICE, HOME)) -> PolicySet:
    return replace(read(*policies, locations=places), locations=places)


class Row(NamedTuple):
    """Two sets, and what is plain of them."""

    before: PolicySet
    after: PolicySet
    effect: Effect | None


ROWS: Final = {
    "the same": Row(of(FACTORS), of(FACTORS), Effect.UNCHANGED),
    "a policy is added": Row(of(FACTORS), of(FACTORS, OUTSIDE), Effect.TIGHTENS),
    "a frequency is added": Row(of(FACTORS), of(FACTORS, FROM), Effect.TIGHTENS),
    "a strength stands in for others while methods are registered": Row(
        of(EVERYWHERE), of(EVERYWHERE, REGISTERING), None
    ),
    "two factors for a registration are added": Row(
        of(EVERYWHERE), of(EVERYWHERE, {**REGISTERING, "grantControls": MFA}), Effect.TIGHTENS
    ),
    "one is switched on": Row(of(FACTORS, off(OUTSIDE)), of(FACTORS, OUTSIDE), Effect.TIGHTENS),
    "one that is off is changed": Row(of(off(FACTORS)), of(off({**FACTORS, "grantControls": BLOCK})), Effect.UNCHANGED),
    "one reports from now on": Row(of(FACTORS, off(OUTSIDE)), of(FACTORS, reporting(OUTSIDE)), Effect.UNCHANGED),
    "one is renamed": Row(of(FACTORS), of({**FACTORS, "displayName": "two"}), Effect.UNCHANGED),
    "one is switched off": Row(of(FACTORS, OUTSIDE), of(FACTORS, off(OUTSIDE)), None),
    "one goes": Row(of(FACTORS, OUTSIDE), of(OUTSIDE), None),
    "one demands something else": Row(of(FACTORS), of({**FACTORS, "grantControls": RESISTANT}), None),
    "a place that it names grows": Row(
        of(FACTORS, AT_HOME), of(FACTORS, AT_HOME, places=(OFFICE, replace(HOME, ranges=("0.0.0.0/0",)))), None
    ),
    "a place is trusted from now on": Row(
        of(OUTSIDE), of(OUTSIDE, places=(OFFICE, replace(HOME, is_trusted=True))), None
    ),
    "a place that none names grows": Row(
        of(FACTORS), of(FACTORS, places=(OFFICE, replace(HOME, ranges=("0.0.0.0/0",)))), Effect.UNCHANGED
    ),
    "a trusted place that none names grows": Row(
        of(AT_HOME), of(AT_HOME, places=(replace(OFFICE, ranges=("192.0.2.0/23",)), HOME)), Effect.UNCHANGED
    ),
    "a place is renamed": Row(
        of(AT_HOME), of(AT_HOME, places=(OFFICE, replace(HOME, display_name="House"))), Effect.UNCHANGED
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_what_is_plain_of_two_sets(case: str) -> None:
    row = ROWS[case]
    assert plain_effect(row.before, row.after) is row.effect


@pytest.mark.parametrize("case", [case for case, row in ROWS.items() if row.effect is Effect.TIGHTENS])
def test_the_solver_says_the_same(case: str) -> None:
    row = ROWS[case]
    before, after = compile_policies(row.before), compile_policies(row.after)
    (answer,) = prove(after, GATEWAY, questions=["tightening"], in_force=before)
    assert answer.result is Result.PROVED

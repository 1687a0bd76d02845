"""Regions and sign-ins in words: what is said of each dimension, what is counted, and what is not said at all."""

from typing import Final

import pytest

from assay.policy import NamedLocation, compile_policies
from assay.policy.proof.answer import Clause, Told
from assay.policy.proof.ground import Ground
from assay.policy.proof.wording import MOST_DENIED, MOST_NAMED, Region, region_clauses, region_words, sign_in_clauses
from assay.policy.request import Platform
from assay.policy.symbolic import SORTS, Thing, Vocabulary
from assay.policy.targets import CONSOLE
from assay.values import LocationId
from tests.policy.build import MFA, graph, read

OFFICE: Final = NamedLocation(id=LocationId("office"), display_name="Office", ranges=("192.0.2.0/24",))
NORTH: Final = NamedLocation(id=LocationId("north"), display_name="North", countries=("NO", "SE"))
GROUPS: Final = tuple(f"g{number}" for number in range(1, 6))
RULE: Final = 'CustomSecurityAttribute.Set_Level -contains "hi"'
MODEL: Final = 'device.model -eq "X1" -or device.physicalIds -contains "zone"'
POLICIES: Final = (
    graph(
        "apps",
        grantControls=MFA | {"termsOfUse": ["terms"], "customAuthenticationFactors": ["token"]},
        conditions={
            "users": {
                "includeUsers": ["All"],
                "excludeUsers": ["u1"],
                "excludeGroups": [*GROUPS],
                "excludeRoles": ["r1"],
            },
            "locations": {"includeLocations": ["office", "north"]},
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [f"app-{number}" for number in range(8)],
                "applicationFilter": {"mode": "include", "rule": RULE},
            },
            "devices": {"deviceFilter": {"mode": "include", "rule": MODEL}},
        },
    ),
)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Ground(compile_policies(read(*POLICIES, locations=(OFFICE, NORTH)))).vocabulary


METHODS: Final = ("password", "fido2", "softwareOath", "sms", "voice", "email", "qrCodePin")
WORDS: Final[tuple[tuple[Region, str], ...]] = (
    ({}, "every sign-in"),
    ({"sort": ("guest",)}, "who is a guest"),
    ({"sort": [*SORTS][1:]}, "who is anything but a member"),
    (
        {"sort": [*SORTS][:5]},
        "who is a member or a guest or an internalGuest or a b2bCollaborationGuest or a b2bCollaborationMember",
    ),
    (
        {"sort": [*SORTS][:6]},
        "who is anything but an otherExternalUser or a serviceProvider or a workloadIdentity or an agentIdentity",
    ),
    ({"principal": ("somebody",)}, "the account is of nobody whom a policy names"),
    ({"tenant": (None,)}, "from the tenant unknown"),
    ({"agentAccount": (True,)}, "an agent's account"),
    ({"agentAccount": (False,)}, "not an agent's account"),
    ({"group g1": (True,)}, "in the group g1"),
    ({"group g1": (False,), "role r1": (True,)}, "not in the group g1; with the role r1"),
    ({f"group {each}": (False,) for each in GROUPS[:3]}, "; ".join(f"not in the group {each}" for each in GROUPS[:3])),
    ({f"group {each}": (False,) for each in GROUPS[:4]}, "in none of the named groups, which are 4"),
    (
        {**{f"group {each}": (False,) for each in GROUPS[:4]}, "group g5": (True,)},
        "in the group g5; in none of the named groups, which are 4",
    ),
    ({"target": ("app another-app",)}, "asking for an app that no policy names"),
    ({"target": (f"app {CONSOLE}",)}, "asking for Console"),
    ({"target": ("app unheard",)}, "asking for unheard"),
    ({"target": ("context",)}, "asking for an authentication context alone"),
    (
        {"target": ("action urn:user:registersecurityinfo", "action urn:user:registerdevice")},
        "asking for the registration of sign-in methods or the registration of a device",
    ),
    ({"context": ("c99",)}, "with the authentication context c99"),
    ({"client": ("other",)}, "by other"),
    ({"platform": ("linux", None)}, "on linux or unknown"),
    ({"address": ("192.0.2.0",)}, "from 192.0.2.0 (Office)"),
    ({"address": ("198.51.100.7",)}, "from 198.51.100.7 (no named location)"),
    ({"country": ("NO",)}, "in the country NO or SE"),
    ({"country": ("",)}, "in the country that nobody knows"),
    ({"gpsCountry": (None,)}, "in the country by GPS unknown"),
    ({"compliantNetwork": (False,)}, "not through the compliant network"),
    ({"device.registered": (True,), "device.isManaged": (False,)}, "on a registered device; not on a managed device"),
    ({"device.model": ("x1",)}, "where device.model is x1"),
    ({"device.isCompliant": (None, False)}, "where device.isCompliant is anything but True"),
    ({"risk signInRisk": ("high",)}, "at signInRisk high"),
    ({"flow deviceCodeFlow": (True,)}, "handed over by deviceCodeFlow"),
    ({"appGroup Office365": (False,)}, "not of the apps Office365"),
    ({"appAttribute Set_Level": ("hi", True)}, "where Set_Level of the app is hi or several texts"),
    ({"appAttribute Set_Level": (None,)}, "where Set_Level of the app is not set"),
    ({"appAttribute Set_Level HI": (True,)}, "where Set_Level of the app holds HI"),
    ({"agentContext": ("another",)}, "in the agent's context another"),
    ({"shown termsOfUse terms": (True,)}, "with termsOfUse terms"),
    ({"shown passwordChange": (False,)}, "not with passwordChange"),
    ({"shown tokenProtection": (True,)}, "with tokenProtection"),
    ({"shown tokenProtection": (False, None)}, "not with tokenProtection"),
    ({"device.physicalIds ZONE": (True,)}, "where device.physicalIds ZONE holds"),
    ({"device.physicalIds ZONE": (False,)}, "not where device.physicalIds ZONE holds"),
    ({"proof password": (0,), "proof fido2": (None,)}, "proving password"),
    ({"proof password": (0,), "proof fido2 aa": (60,)}, "proving password and fido2 aa 60 minutes ago"),
    ({"proof password": (None,)}, "proving nothing"),
    ({f"proof {each}": (0,) for each in METHODS}, "proving everything that can be proved"),
    ({f"proof {each}": (0,) for each in METHODS[:6]}, "proving " + " and ".join(METHODS[:6])),
    (
        {**{f"proof {each}": (0,) for each in METHODS}, "proof deviceBasedPush": (None,)},
        "proving " + " and ".join(METHODS),
    ),
)


@pytest.mark.parametrize(("region", "words"), WORDS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_region_in_words(region: Region, words: str, vocabulary: Vocabulary) -> None:
    assert region_words(region, vocabulary) == words


def test_of_many_values_some_are_named_and_the_others_counted(vocabulary: Vocabulary) -> None:
    """What is left out is said where it is less, or where what is in would be too much to name."""
    apps = vocabulary.values("target")
    (clause,) = region_clauses({"target": apps[:1]}, vocabulary)
    assert (clause.holds, len(clause.values), clause.more) == (True, 1, 0)
    for count in range(1, len(apps)):
        (clause,) = region_clauses({"target": apps[:count]}, vocabulary)
        holds = count <= len(apps) - count and count <= MOST_NAMED
        named = count if holds else len(apps) - count
        assert (clause.holds, len(clause.values), clause.more) == (
            holds,
            min(named, MOST_NAMED),
            max(0, named - MOST_NAMED),
        ), count
    assert region_words({"target": apps[:7]}, vocabulary).endswith(f" or {len(apps) - 7 - MOST_NAMED} more")
    assert len(apps) - 7 - MOST_NAMED > 1
    assert (MOST_NAMED, MOST_DENIED) == (6, 3)


def test_a_sign_in_says_who_asks_for_what_and_all_that_is_not_ordinary(vocabulary: Vocabulary) -> None:
    ordinary: dict[str, Thing] = {name: found.values[0] for name, found in vocabulary.dimensions.items()}
    always = (
        Clause(about="sort", values=(Told(value="member"),)),
        Clause(about="target", values=(Told(value="app another-app"),)),
        Clause(about="client", values=(Told(value="browser"),)),
        Clause(about="platform", values=(Told(value=Platform.WINDOWS.value),)),
        Clause(about="address", values=(Told(value="198.51.100.7"),)),
    )
    assert sign_in_clauses(ordinary, vocabulary) == always
    told = sign_in_clauses({**ordinary, "group g1": True, "elsewhere address": "192.0.2.0"}, vocabulary)
    assert {*told} - {*always} == {Clause(about="group", name="g1")}

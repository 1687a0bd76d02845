"""What our gateway never sees, dimension by dimension; whoever enforces elsewhere sees all of it."""

from typing import Final

import pytest

from assay.policy import NamedLocation, compile_policies
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.proof.ground import Ground
from assay.policy.proof.unseen import unseen, unseen_of_any, untold
from assay.policy.request import Method
from assay.policy.symbolic import Thing
from assay.values import LocationId
from tests.policy.build import MFA, graph, read
from tests.policy.proof.test_documents import PEOPLE, PROGRAMS

RISKS: Final = ("signInRisk", "userRisk", "servicePrincipalRisk", "agentIdRisk", "insiderRisk")
SEEN: Final = (Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2)
NEVER: Final[dict[str, Thing]] = {
    **{f"shown {name}": False for name in ("approvedApplication", "compliantApplication", "passwordChange")},
    **{f"shown {name}": False for name in ("riskRemediation", "termsOfUse t1", "termsOfUse t2")},
    "shown customAuthenticationFactor f1": False,
    "shown tokenProtection": None,
    "device.registered": False,
    "device.isManaged": False,
    "device.isCompliant": None,
    "device.trustType": None,
    "device.model": None,
    "device.deviceOwnership": None,
    **{f"device.physicalIds {text}": False for text in ("X", "ZONE")},
    **{f"flow {flow}": False for flow in ("deviceCodeFlow", "authenticationTransfer")},
    **{f"{whose}Attribute Set_Level": None for whose in ("app", "principal")},
    **{f"{whose}Attribute Set_Level {text}": False for whose in ("app", "principal") for text in ("X", "HI")},
    **{f"risk {name}": "none" for name in RISKS},
    "agentContext": None,
    "gpsCountry": None,
    "compliantNetwork": False,
    **{f"proof {method}": None for method in Method if method not in SEEN},
}


def ground(**how: object) -> Ground:
    return Ground(compile_policies(read(PEOPLE, PROGRAMS)), **how)  # type: ignore[arg-type]  # by name


def test_what_is_never_seen_at_our_gateway() -> None:
    here = ground(enforced_by=GATEWAY)
    assert unseen_of_any(here) == NEVER
    assert unseen(here) == NEVER | {"client": "browser"}


def test_elsewhere_all_of_it_is_seen() -> None:
    elsewhere = ground(enforced_by=EVERYTHING)
    assert (unseen(elsewhere), unseen_of_any(elsewhere), untold(elsewhere)) == ({}, {}, ())


@pytest.mark.parametrize("side", ["includeLocations", "excludeLocations"])
def test_a_country_cannot_be_told_there(side: str) -> None:
    places = (
        NamedLocation(id=LocationId("north"), display_name="North", countries=("NO",)),
        NamedLocation(id=LocationId("office"), display_name="Office", ranges=("192.0.2.0/24",)),
    )
    by_country = {"includeLocations": ["All"], side: ["north"]}
    policies = (
        graph("country", grantControls=MFA, conditions={"locations": by_country}),
        graph("office", grantControls=MFA, conditions={"locations": {"includeLocations": ["office"]}}),
        graph("off", state="disabled", grantControls=MFA, conditions={"locations": by_country}),
        graph("all", grantControls=MFA),
    )
    found = Ground(compile_policies(read(*policies, locations=places)), enforced_by=GATEWAY)
    assert untold(found) == ("country: countries, which our gateway cannot tell",)

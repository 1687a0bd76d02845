"""Microsoft's SDK of Graph for Python, msgraph-sdk, at a running Assay: nothing of it is changed but the address."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.identity.conditional_access.evaluate.evaluate_post_request_body import EvaluatePostRequestBody
from msgraph.generated.identity.conditional_access.policies.policies_request_builder import PoliciesRequestBuilder
from msgraph.generated.models.application_context import ApplicationContext
from msgraph.generated.models.conditional_access_applications import ConditionalAccessApplications
from msgraph.generated.models.conditional_access_client_app import ConditionalAccessClientApp
from msgraph.generated.models.conditional_access_condition_set import ConditionalAccessConditionSet
from msgraph.generated.models.conditional_access_grant_control import ConditionalAccessGrantControl
from msgraph.generated.models.conditional_access_grant_controls import ConditionalAccessGrantControls
from msgraph.generated.models.conditional_access_locations import ConditionalAccessLocations
from msgraph.generated.models.conditional_access_policy import ConditionalAccessPolicy
from msgraph.generated.models.conditional_access_policy_state import ConditionalAccessPolicyState
from msgraph.generated.models.conditional_access_users import ConditionalAccessUsers
from msgraph.generated.models.i_pv4_cidr_range import IPv4CidrRange
from msgraph.generated.models.ip_named_location import IpNamedLocation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.sign_in_conditions import SignInConditions
from msgraph.generated.models.user_sign_in import UserSignIn

from tests.end_to_end.installation import Installation, installation
from tests.https_client import https_client
from tests.ports import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.interop,
    pytest.mark.asyncio(loop_scope="module"),
]
WIKI: Final = "00000002-0000-0ff1-ce00-000000000000"


class OurToken(AccessTokenProvider):
    """A named token in place of one of Entra's."""

    def __init__(self, secret: str, host: str) -> None:
        self._secret = secret
        self._hosts = AllowedHostsValidator([host])

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, object] | None = None
    ) -> str:
        """The token, for our host alone."""
        del additional_authentication_context
        return self._secret if self._hosts.is_url_host_valid(uri) else ""

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        """Where it may be sent."""
        return self._hosts


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of them."""
    with installation(tmp_path_factory.mktemp("msgraph"), port=free_port()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def graph(service: Installation) -> AsyncIterator[GraphServiceClient]:
    """The SDK's client, with the token of a Conditional Access Administrator."""
    made = service.json("tokens", "add", "sdk", "--role", "Conditional Access Administrator", "--expires", "1d")
    assert isinstance(made, dict)
    origin = service.app_origin("api")
    token = OurToken(made["secret"], "api.assay.localhost")
    async with https_client(service.address, service.authority) as http:
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(token), client=http)
        adapter.base_url = f"{origin}/v1.0"
        yield GraphServiceClient(request_adapter=adapter)


def policy(name: str, *, exclude: list[str] | None = None) -> ConditionalAccessPolicy:
    """Everybody needs a second factor, but from these locations."""
    return ConditionalAccessPolicy(
        display_name=name,
        state=ConditionalAccessPolicyState.EnabledForReportingButNotEnforced,
        conditions=ConditionalAccessConditionSet(
            client_app_types=[ConditionalAccessClientApp.All],
            applications=ConditionalAccessApplications(include_applications=["All"]),
            users=ConditionalAccessUsers(include_users=["All"]),
            locations=ConditionalAccessLocations(include_locations=["All"], exclude_locations=exclude or []),
        ),
        grant_controls=ConditionalAccessGrantControls(
            operator="OR", built_in_controls=[ConditionalAccessGrantControl.Mfa]
        ),
    )


async def test_msgraph_sdk_makes_lists_changes_and_removes_policies_and_a_location(graph: GraphServiceClient) -> None:
    access = graph.identity.conditional_access
    wanted = IpNamedLocation(
        odata_type="#microsoft.graph.ipNamedLocation",
        display_name="Oslo",
        is_trusted=True,
        ip_ranges=[IPv4CidrRange(odata_type="#microsoft.graph.iPv4CidrRange", cidr_address="192.0.2.0/24")],
    )
    office = await access.named_locations.post(wanted)
    assert isinstance(office, IpNamedLocation)
    assert office.id
    assert [type(each) for each in office.ip_ranges or []] == [IPv4CidrRange]
    made = await access.policies.post(policy("By the SDK", exclude=[office.id]))
    assert made is not None
    assert made.id
    assert made.conditions is not None
    assert made.conditions.locations is not None
    assert made.conditions.locations.exclude_locations == [office.id]

    query = PoliciesRequestBuilder.PoliciesRequestBuilderGetQueryParameters(
        filter="displayName eq 'By the SDK'", count=True
    )
    listed = await access.policies.get(RequestConfiguration(query_parameters=query))
    assert listed is not None
    assert [each.id for each in listed.value or []] == [made.id]
    assert listed.odata_count == 1
    with pytest.raises(ODataError) as in_use:
        await access.named_locations.by_named_location_id(office.id).delete()
    assert in_use.value.error is not None
    assert (in_use.value.response_status_code, in_use.value.error.code) == (409, "Request_Conflict")
    assert "By the SDK" in str(in_use.value.error.message)

    one = access.policies.by_conditional_access_policy_id(made.id)
    part = ConditionalAccessConditionSet(locations=ConditionalAccessLocations(exclude_locations=[]))
    changed = await one.patch(ConditionalAccessPolicy(display_name="By the SDK, later", conditions=part))
    assert changed is not None
    seen = await one.get()
    assert seen is not None
    assert seen.display_name == "By the SDK, later"
    assert seen.conditions is not None
    assert seen.conditions.locations is not None
    assert (seen.conditions.locations.include_locations, seen.conditions.locations.exclude_locations) == (["All"], [])
    assert seen.grant_controls is not None
    assert seen.grant_controls.built_in_controls == [ConditionalAccessGrantControl.Mfa]

    stale: RequestConfiguration[object] = RequestConfiguration()
    stale.headers.add("If-Match", 'W/"of-yesterday"')
    with pytest.raises(APIError) as refused:
        await one.delete(stale)
    assert refused.value.response_status_code == 412
    await one.delete()
    with pytest.raises(ODataError) as gone:
        await one.get()
    assert gone.value.response_status_code == 404
    place = access.named_locations.by_named_location_id(office.id)
    with pytest.raises(ODataError) as trusted:
        await place.delete()
    assert trusted.value.response_status_code == 409
    await place.patch(IpNamedLocation(odata_type="#microsoft.graph.ipNamedLocation", is_trusted=False))
    await place.delete()
    left = await access.named_locations.get()
    assert left is not None
    assert left.value == []


async def test_msgraph_sdk_asks_what_if(graph: GraphServiceClient, service: Installation) -> None:
    made = service.json("users", "add", "nina")
    assert isinstance(made, dict)
    access = graph.identity.conditional_access
    for name in ("Abroad", "At home"):
        await access.policies.post(policy(name))
    body = EvaluatePostRequestBody(
        sign_in_identity=UserSignIn(odata_type="#microsoft.graph.userSignIn", user_id=made["user"]["id"]),
        sign_in_context=ApplicationContext(
            odata_type="#microsoft.graph.applicationContext", include_applications=[WIKI]
        ),
        sign_in_conditions=SignInConditions(country="NO", ip_address="198.51.100.7"),
        applied_policies_only=True,
    )
    answer = await access.evaluate.post(body)
    assert answer is not None
    names = {each.display_name for each in answer.value or [] if each.policy_applies}
    assert {"Abroad", "At home"} <= names

"""Public paths, credentials and other origins at the check: who gets in as whom, and what app and log learn."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from assay.access.app_credentials import AppCredentials
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Grant, Redirect, Refuse
from assay.access.explain import Decisions
from assay.access.named_locations import NamedLocations
from assay.access.policy_sets import keep_policy_set_in_force
from assay.access.public_paths import PublicPaths
from assay.apps import App
from assay.events import DecisionRecord
from assay.events.records.decisions import DecisionQuery, search_decisions
from assay.governance.records import policies
from assay.policy import ConditionalAccessPolicy, PolicyState
from assay.policy.condition_set import Applications, ClientApplications, ConditionSet, Users
from assay.policy.definition import BuiltInControl, GrantControls, Undecided
from assay.policy.session_controls import LimitControls, SessionControls
from assay.values import PolicyId, Reason
from tests.access.house import BY, CHROME, House, Person

CURL = "curl/8.5"
OTHER = "https://other.example"


@pytest.fixture
async def alice(house: House) -> Person:
    person = await house.person("alice")
    await person.password()
    return person


@pytest.fixture
async def wiki(house: House, alice: Person) -> App:
    return await house.app("wiki", assigned=["alice"])


async def secret(house: House, name: str = "ci", **options: object) -> str:
    made = await AppCredentials(house.premises).add(BY, "wiki", name=name, **options)  # type: ignore[arg-type]
    await house.store.write(keep_policy_set_in_force)
    return made.secret


async def opened(house: House, path: str, **options: object) -> str:
    made = await PublicPaths(house.premises).add(
        BY,
        "wiki",
        path,
        name=path,
        reason="a test",
        **options,  # type: ignore[arg-type]
    )
    await house.store.write(keep_policy_set_in_force)
    return made.id


async def ask(
    house: House,
    app: App,
    path: str = "/",
    *,
    method: str = "GET",
    authorization: str = "",
    address: str = "198.51.100.7",
    cookie: str = "theme=dark",
    upgrade: str = "",
    origin: str = "",
    requested: str = "",
    names: str = "",
) -> CheckAnswer:
    """One request of a program."""
    return await house.ask(
        CheckRequest(
            connection=Connection(peer_ip=address, peer_port=50_000, number=1),
            method=method,
            host=house.host(app),
            path=path,
            cookie=cookie,
            accept="*/*",
            user_agent=CURL,
            authorization=authorization,
            upgrade=upgrade,
            origin=origin,
            requested_method=requested,
            requested_headers=names,
        )
    )


def error(answer: CheckAnswer) -> tuple[int, str, list[str]]:
    assert isinstance(answer, Refuse), answer
    problem = msgspec.json.decode(answer.body)
    return answer.status, problem["error"], [reason["code"] for reason in problem["reasons"]]


async def decisions(house: House, **query: str) -> tuple[DecisionRecord, ...]:
    await house.log.flush()
    return await house.store.read(lambda reader: search_decisions(reader, DecisionQuery(**query, limit=1_000)))


def policy(**parts: object) -> ConditionalAccessPolicy:
    base = ConditionalAccessPolicy(
        id=PolicyId("a55a0000-0000-4000-8000-0000000000aa"),
        display_name="Test",
        state=PolicyState.ENABLED,
        conditions=ConditionSet(
            users=Users(include_users=("All",)), applications=Applications(include_applications=("All",))
        ),
    )
    return msgspec.structs.replace(base, **parts)


async def publish(house: House, published: ConditionalAccessPolicy) -> None:
    await house.store.write(lambda transaction: policies.put(transaction, published, house.clock.now()))
    await house.store.write(keep_policy_set_in_force)


BLOCK = GrantControls(built_in_controls=(BuiltInControl.BLOCK,))


async def test_a_credential_is_a_workload_identity_of_its_app(house: House, wiki: App) -> None:
    shown = await secret(house)
    answer = await ask(house, wiki, "/x", method="POST", authorization=f"Bearer {shown}")
    assert isinstance(answer, Allow)
    assert answer.without_authorization
    assert answer.cookie == "theme=dark"
    claims = house.claims(answer)
    assert claims["aud"] == "https://wiki.assay.localhost:8443"
    assert claims["sub"] == claims["client_id"] == answer.session_id
    assert claims["client_name"] == "ci"
    assert not {"name", "email", "preferred_username", "groups", "acr", "amr"} & set(claims), "it is no person"
    (found,) = await decisions(house, session_id=answer.session_id)
    assert (found.outcome, found.user_id, found.app_id) == ("allow", None, wiki.id)
    account = await Decisions(house.premises).explain(found.uid)
    assert (account.same, account.user_name) == (True, "credential ci")


async def test_whatever_is_wrong_with_a_credential_is_one_answer(house: House, wiki: App) -> None:
    other = await house.app("other")
    good = await secret(house)
    short = await secret(house, name="short", lifetime=timedelta(hours=1))
    revoked = await secret(house, name="revoked")
    await AppCredentials(house.premises).revoke(BY, "wiki", "revoked")
    rotated = await secret(house, name="rotated")
    new, _ = await AppCredentials(house.premises).rotate(BY, "wiki", "rotated", lifetime=timedelta(days=1))
    house.clock.advance(hours=1)
    bad = [
        (wiki, revoked),
        (wiki, rotated),
        (wiki, short),
        (other, good),
        (wiki, f"assay_{'0' * 64}"),
        (wiki, "assay_"),
        (wiki, good.upper()),
        (wiki, f"{good}0"),
    ]
    answers = [await ask(house, app, authorization=f"Bearer {each}") for app, each in bad if each != good.upper()]
    assert {error(answer) == (401, "credentialInvalid", []) for answer in answers} == {True}
    assert len({msgspec.json.encode(answer) for app, answer in zip([a for a, _ in bad], answers, strict=False)}) == 2, (
        "only the realm of the challenge names the app"
    )
    assert isinstance(await ask(house, wiki, authorization=f"Bearer {good}"), Allow)
    assert isinstance(await ask(house, wiki, authorization=f"Bearer {new.secret}"), Allow)
    reasons = {found.reasons[0].code for found in await decisions(house, outcome="block")}
    assert reasons == {"credentialRevoked", "credentialExpired", "credentialOfAnotherApp", "credentialUnknown"}


async def test_a_credential_is_held_to_its_methods_paths_and_locations(house: House, wiki: App) -> None:
    await NamedLocations(house.premises).add(BY, name="Office", ranges=("192.0.2.0/24",))
    narrow = f"Bearer {await secret(house, methods=('get',), paths=('/api/',), location_names=('office',))}"
    here = "192.0.2.9"
    assert isinstance(await ask(house, wiki, "/api/x?y=/../z", authorization=narrow, address=here), Allow)
    for path, method, address, reason in (
        ("/api/x", "POST", here, "credentialMethod"),
        ("/apix", "GET", here, "credentialPath"),
        ("/api/%2e%2e/x", "GET", here, "credentialPath"),
        ("/api/x", "GET", "198.51.100.7", "credentialLocation"),
        ("/api/x", "GET", "2001:db8::1", "credentialLocation"),
    ):
        answer = await ask(house, wiki, path, method=method, authorization=narrow, address=address)
        assert error(answer) == (403, "accessDenied", [reason])
    upgraded = await ask(house, wiki, "/api/x", authorization=narrow, address=here, upgrade="websocket")
    assert error(upgraded)[2] == ["credentialMethod"]
    await NamedLocations(house.premises).remove(BY, "Office")
    gone = await ask(house, wiki, "/api/x", authorization=narrow, address=here)
    assert error(gone)[2] == ["credentialLocation"], "a location that is gone holds nobody"


async def test_policies_about_users_are_not_about_credentials_and_those_about_workloads_refuse_them(
    house: House, wiki: App
) -> None:
    shown = f"Bearer {await secret(house)}"
    await publish(house, policy(grant_controls=BLOCK))
    assert isinstance(await ask(house, wiki, authorization=shown), Allow)
    nobody = ConditionSet(
        users=Users(include_users=("None",)), applications=Applications(include_applications=("All",))
    )
    part = Undecided(path=("conditions", "clientApplications", "newSort"), json='["x"]')
    await publish(house, policy(conditions=nobody, undecided=(part,), grant_controls=BLOCK))
    answer = await ask(house, wiki, authorization=shown)
    assert error(answer) == (403, "accessDenied", ["policyCannotBeEvaluated"])
    (found,) = await decisions(house, outcome="block")
    assert (await Decisions(house.premises).explain(found.uid)).same
    programs = ClientApplications(include_service_principals=("ServicePrincipalsInMyTenant",))
    await publish(house, policy(conditions=replace(nobody, client_applications=programs), grant_controls=BLOCK))
    assert error(await ask(house, wiki, authorization=shown)) == (403, "accessDenied", ["blockedByPolicy"])


async def test_what_is_open_by_a_credential_ends_with_it(house: House, wiki: App) -> None:
    shown = f"Bearer {await secret(house, lifetime=timedelta(hours=1))}"
    answer = await ask(house, wiki, authorization=shown)
    assert isinstance(answer, Allow)

    def withdrawn() -> str | None:
        found = house.check.open_access.withdrawn(
            answer.session_id, wiki.id, "198.51.100.7", (answer.grant,), house.clock.now()
        )
        return None if found is None else found.reason.code

    assert withdrawn() is None
    house.clock.advance(hours=1)
    assert withdrawn() == "credentialExpired"
    house.clock.advance(hours=-1)
    await AppCredentials(house.premises).revoke(BY, "wiki", "ci")
    assert withdrawn() == "credentialRevoked"
    await house.apps.remove(BY, "wiki")
    assert withdrawn() == "appRemoved"


async def test_the_apps_own_authorization_is_no_business_of_ours(house: House, wiki: App, alice: Person) -> None:
    await alice.open(wiki)
    cookie = f"__Host-assay-app={alice.app_cookies['wiki']}"
    for header in ("Basic QTpC", "Bearer eyJ.x.y", "Negotiate YII=", "Bearer not_assay_x", "assay"):
        answer = await ask(house, wiki, authorization=header, cookie=cookie)
        assert isinstance(answer, Allow)
        assert not answer.without_authorization
        assert error(await ask(house, wiki, authorization=header))[:2] == (401, "signInRequired")
    bad = await ask(house, wiki, authorization=f"Bearer assay_{'0' * 64}", cookie=cookie)
    assert error(bad)[:2] == (401, "credentialInvalid"), "a session does not help a bad credential through"


async def test_a_public_path_needs_nobody_and_says_so_in_the_log(house: House, wiki: App) -> None:
    assert error(await ask(house, wiki, "/assets/x.png"))[:2] == (401, "signInRequired")
    path_id = await opened(house, "/assets/")
    answer = await ask(house, wiki, "/assets/x.png?v=1", authorization="Basic QTpC")
    assert isinstance(answer, Allow)
    assert answer.headers == (), "no assertion: nobody is known"
    assert answer.cookie == "theme=dark"
    assert not answer.without_authorization, "the app's own business"
    for method, path in (("POST", "/assets/x.png"), ("GET", "/assets"), ("GET", "/assets/..%2fx"), ("GET", "/")):
        assert isinstance(await ask(house, wiki, path, method=method), Refuse)
    assert isinstance(await ask(house, wiki, "/assets/x", upgrade="websocket"), Refuse)
    assert error(await ask(house, wiki, "/assets/x", authorization=f"Bearer assay_{'0' * 64}"))[0] == 401
    (found,) = await decisions(house, outcome="allow", app_id=wiki.id)
    assert (found.user_id, found.session_id, found.app_id) == (None, None, wiki.id)
    assert found.reasons[0].code == "publicPath"
    assert dict(found.reasons[0].parameters) == {"id": path_id, "name": "/assets/", "path": "/assets/", "version": "1"}
    account = await Decisions(house.premises).explain(found.short_code)
    assert (account.same, account.app_name, account.user_name) == (None, "wiki", "public path /assets/")


async def test_who_is_signed_in_is_told_to_the_app_on_a_public_path_and_who_is_refused_is_nobody(
    house: House, wiki: App, alice: Person
) -> None:
    await opened(house, "/assets/", methods=("GET", "POST"))
    assert "Assay-Assertion" not in dict((await alice.open(wiki, "/assets/x")).headers)  # type: ignore[union-attr]
    assert isinstance(await alice.open(wiki, "/x"), Allow)
    known = await alice.ask(wiki, "/assets/x")
    assert house.claims(known)["preferred_username"] == "alice"
    await publish(house, policy(session_controls=SessionControls(limits=LimitControls(read_only=True))))
    limited = await alice.ask(wiki, "/assets/x", method="POST", navigation=False)
    assert isinstance(limited, Allow)
    assert limited.headers == ()
    await publish(house, policy(grant_controls=BLOCK))
    refused = await alice.ask(wiki, "/assets/x")
    assert isinstance(refused, Allow)
    assert refused.headers == ()
    assert isinstance(await alice.ask(wiki, "/x"), Redirect)
    await house.people.disable(BY, "alice")
    assert isinstance(await alice.ask(wiki, "/assets/x"), Allow)


async def test_a_public_path_ends_when_it_expires_is_changed_or_removed(house: House, wiki: App) -> None:
    await opened(house, "/a/", lifetime=timedelta(hours=1))
    first = await ask(house, wiki, "/a/x")
    assert isinstance(first, Allow)

    def withdrawn(answer: Allow) -> str | None:
        found = house.check.open_access.withdrawn(answer.session_id, wiki.id, "::1", (Grant(),), house.clock.now())
        return None if found is None else found.reason.code

    assert withdrawn(first) is None
    edited = await PublicPaths(house.premises).edit(BY, "wiki", "/a/", reason="moved", path="/b/")
    assert edited.version == 2
    assert withdrawn(first) == "publicPathClosed"
    assert isinstance(await ask(house, wiki, "/a/x"), Refuse)
    second = await ask(house, wiki, "/b/x")
    assert isinstance(second, Allow)
    house.clock.advance(hours=1)
    assert isinstance(await ask(house, wiki, "/b/x"), Refuse)
    assert withdrawn(second) == "publicPathClosed"
    house.clock.advance(hours=-1)
    await PublicPaths(house.premises).remove(BY, "wiki", "/a/")
    assert isinstance(await ask(house, wiki, "/b/x"), Refuse)


async def test_a_preflight_of_an_allowed_origin_is_answered_exactly_and_any_other_refused(
    house: House, wiki: App
) -> None:
    await opened(house, "/")
    await house.apps.edit(BY, "wiki", allow=[OTHER])
    app = house.signals.apps[wiki.id]
    allowed = await ask(house, app, method="OPTIONS", origin=OTHER, requested="PUT", names="content-type,x-y")
    assert isinstance(allowed, Refuse)
    assert (allowed.status, allowed.body) == (204, b"")
    assert dict(allowed.headers) == {
        "access-control-allow-origin": OTHER,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "content-type,x-y",
        "access-control-max-age": "600",
        "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    }
    for origin, method, names in (
        ("null", "PUT", ""),
        ("*", "PUT", ""),
        (f"{OTHER}.evil", "PUT", ""),
        (f"{OTHER}, https://evil.example", "PUT", ""),
        ("https://OTHER.example", "PUT", ""),
        ("https://wiki.assay.localhost:8443", "PUT", ""),
        (OTHER, "put", ""),
        (OTHER, "PUT, GET", ""),
        (OTHER, "PUT", "x\x7f"),
        (OTHER, "PUT", "x" * 2_000),
        (OTHER, "PUT", "*;q=1"),
    ):
        answer = await ask(house, app, method="OPTIONS", origin=origin, requested=method, names=names)
        assert error(answer)[:2] == (403, "originNotAllowed"), (origin, method, names)
        assert isinstance(answer, Refuse)
        assert answer.headers == (("vary", "Origin"),)


async def test_answers_are_readable_by_the_allowed_origin_and_by_no_other(
    house: House, wiki: App, alice: Person
) -> None:
    await alice.open(wiki)
    cookie = f"__Host-assay-app={alice.app_cookies['wiki']}"
    plain = await ask(house, wiki, cookie=cookie, origin=OTHER)
    assert isinstance(plain, Allow)
    assert plain.response_headers == ()
    await house.apps.edit(BY, "wiki", allow=[OTHER])
    for origin, readable in ((OTHER, True), ("https://third.example", False), ("", False)):
        allowed = await ask(house, wiki, cookie=cookie, origin=origin)
        refused = await ask(house, wiki, origin=origin)
        assert isinstance(allowed, Allow)
        assert isinstance(refused, Refuse)
        for headers in (dict(allowed.response_headers), dict(refused.headers)):
            assert headers.get("access-control-allow-origin") == (OTHER if readable else None)
            assert headers["vary"] == "Origin"


async def test_a_browser_that_calls_itself_one_is_no_browser_with_a_credential(house: House, wiki: App) -> None:
    shown = await secret(house)
    answer = await house.ask(
        CheckRequest(
            connection=Connection(peer_ip="192.0.2.1", peer_port=1, number=1),
            method="GET",
            host=house.host(wiki),
            path="/",
            user_agent=CHROME,
            authorization=f"Bearer {shown}",
        )
    )
    assert isinstance(answer, Allow)
    (found,) = await decisions(house, outcome="allow", app_id=wiki.id)
    account = await Decisions(house.premises).explain(found.uid)
    assert account.request.client_app == "mobileAppsAndDesktopClients"


async def test_strangers_from_a_thousand_addresses_do_not_make_a_thousand_rows(house: House, wiki: App) -> None:
    await opened(house, "/assets/")
    for number in range(500):
        address = f"2001:db8::{number:x}"
        assert isinstance(await ask(house, wiki, "/assets/x", address=address), Allow)
        assert error(await ask(house, wiki, authorization=f"Bearer assay_{'0' * 64}", address=address))[0] == 401
    for outcome in ("allow", "block"):
        found = [each for each in await decisions(house, outcome=outcome, app_id=wiki.id) if not each.session_id]
        assert len(found) == 101, "a hundred by address, the rest together"
        assert sum(each.count for each in found) == 500, "and none is left out"


async def test_a_node_that_may_grant_nothing_opens_no_public_path_and_takes_no_credential(
    house: House, wiki: App
) -> None:
    """What is known there may be old: the path may have been closed, the credential revoked, and it would not know."""
    await opened(house, "/logos/")
    shown = f"Bearer {await secret(house)}"
    out = Reason.of("nodeClock")
    for grants in (True, False, True):
        if grants:
            house.signals.standing.enter(out.code)
        else:
            house.signals.standing.leave(out)
        assert isinstance(await ask(house, wiki, "/logos/x"), Allow) is grants
        assert isinstance(await ask(house, wiki, "/x", authorization=shown), Allow) is grants

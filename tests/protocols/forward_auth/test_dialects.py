"""What a proxy says of a request: one form each, one value each, and nothing that its client wrote."""

import pytest

from assay.access.exchange import CheckRequest
from assay.apps.proxies import ProxyKind
from assay.protocols.forward_auth.dialects import read_client, read_question
from assay.values import Reason

FORWARDED = {
    "x-forwarded-method": ["POST"],
    "x-forwarded-proto": ["https"],
    "x-forwarded-host": ["Wiki.example.com:8443"],
    "x-forwarded-uri": ["/a?b=c"],
    "x-forwarded-for": ["192.0.2.7"],
    "assay-upgrade": ["none"],
    "host": ["assay"],
}
ORIGINAL = {
    "x-original-method": ["POST"],
    "x-original-url": ["https://wiki.example.com/a?b=c"],
    "x-real-ip": ["192.0.2.7"],
    "assay-upgrade": ["none"],
    # What the client sent, and nginx passes on: nobody reads it.
    "x-forwarded-for": ["203.0.113.1"],
    "x-forwarded-proto": ["http"],
}
PATH = {"host": ["wiki.example.com"], "x-forwarded-proto": ["https"], "x-forwarded-for": ["192.0.2.7"]}
GOOD = {
    ProxyKind.TRAEFIK: ("GET", "/check", FORWARDED),
    ProxyKind.CADDY: ("GET", "/check", FORWARDED),
    ProxyKind.HAPROXY: ("GET", "/check", FORWARDED),
    ProxyKind.NGINX: ("GET", "/check", ORIGINAL),
    ProxyKind.ENVOY: ("POST", "/envoy/a?b=c", PATH),
}


def asked(kind: ProxyKind, **other: list[str] | None) -> CheckRequest | Reason:
    method, target, headers = GOOD[kind]
    changed = headers | {name.replace("_", "-"): values for name, values in other.items()}
    return read_question(kind, method, target, {name: values for name, values in changed.items() if values is not None})


@pytest.mark.parametrize("kind", ProxyKind)
def test_each_kind_is_read_in_its_own_form(kind: ProxyKind) -> None:
    request = asked(kind)
    assert isinstance(request, CheckRequest), request
    assert (request.method, request.host, request.path) == ("POST", "wiki.example.com", "/a?b=c")
    assert request.connection.client_ip == "192.0.2.7"
    assert not request.upgrade


@pytest.mark.parametrize("kind", ProxyKind)
@pytest.mark.parametrize("other", ProxyKind)
def test_a_question_in_two_forms_is_refused(kind: ProxyKind, other: ProxyKind) -> None:
    """Somebody else wrote part of it (oauth2-proxy GHSA-7x63-xv5r-3p2x)."""
    telling = {"x-forwarded-method", "x-forwarded-uri", "x-original-method", "x-original-url"}
    foreign = {name: GOOD[other][2][name] for name in telling & GOOD[other][2].keys() - GOOD[kind][2].keys()}
    for name, values in foreign.items():
        assert asked(kind, **{name.replace("-", "_"): values}) == Reason.of("proxy_question_unclear", because=name)


@pytest.mark.parametrize("kind", ProxyKind)
def test_two_values_of_one_thing_or_none_are_refused(kind: ProxyKind) -> None:
    for name, values in GOOD[kind][2].items():
        if kind is ProxyKind.NGINX and name in ("x-forwarded-for", "x-forwarded-proto"):
            continue
        if name == "host" and kind is not ProxyKind.ENVOY:
            continue
        for wrong in ([*values, *values], [values[0], "other"], [""], None):
            found = asked(kind, **{name.replace("-", "_"): wrong})
            assert isinstance(found, Reason), (name, wrong)


@pytest.mark.parametrize("kind", ProxyKind)
def test_the_last_hop_is_who_is_judged(kind: ProxyKind) -> None:
    name = "x_real_ip" if kind is ProxyKind.NGINX else "x_forwarded_for"
    found = asked(kind, **{name: ["203.0.113.9, 2001:DB8::7"]})
    assert isinstance(found, CheckRequest)
    assert found.connection.client_ip == "2001:db8::7"
    for wrong in ("unknown", "192.0.2.7:80", "203.0.113.9,", "[::1]"):
        assert isinstance(asked(kind, **{name: [wrong]}), Reason), wrong


@pytest.mark.parametrize("kind", ProxyKind)
def test_nothing_is_asked_without_tls(kind: ProxyKind) -> None:
    name, value = "x_forwarded_proto", "http"
    if kind is ProxyKind.NGINX:
        name, value = "x_original_url", "http://wiki.example.com/a"
    assert asked(kind, **{name: [value]}) == Reason.of("not_over_tls")


def test_an_upgrade_is_told_or_known_by_its_key() -> None:
    for kind in ProxyKind:
        told = "upgrade" if kind is ProxyKind.ENVOY else "assay_upgrade"
        for found in (asked(kind, **{told: ["websocket"]}), asked(kind, sec_websocket_key=["x"])):
            assert isinstance(found, CheckRequest)
            assert found.is_websocket
    for wrong in (["WebSocket"], ["h2c"], ["none", "websocket"]):
        assert isinstance(asked(ProxyKind.CADDY, assay_upgrade=wrong), Reason), wrong


@pytest.mark.parametrize(
    "url",
    [
        "wiki.example.com/a",
        "/a",
        "https://wiki.example.com",
        "https:///a",
        "ftp://wiki.example.com/a",
        "HTTPS://wiki.example.com/a",
    ],
)
def test_what_is_no_url_is_no_question(url: str) -> None:
    found = asked(ProxyKind.NGINX, x_original_url=[url])
    assert isinstance(found, Reason) or not found.host


def test_a_page_is_for_the_client_that_the_proxy_names() -> None:
    assert read_client(ProxyKind.ENVOY, PATH) == "192.0.2.7"
    assert read_client(ProxyKind.NGINX, {"x-real-ip": ["192.0.2.7"], "x-forwarded-proto": ["https"]}) == "192.0.2.7"
    assert isinstance(
        read_client(ProxyKind.NGINX, {"x-forwarded-for": ["192.0.2.7"], "x-forwarded-proto": ["https"]}), Reason
    )
    assert isinstance(read_client(ProxyKind.ENVOY, PATH | {"x-forwarded-proto": ["http"]}), Reason)
    assert isinstance(read_client(ProxyKind.ENVOY, PATH | {"x-original-url": ["/"]}), Reason)

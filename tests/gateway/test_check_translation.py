"""What a check is told of a request is bounded."""

import pytest

from assay.access.request_rules import AppRules, refuse_request
from assay.gateway.check_translation import read_connection, read_request
from assay.gateway.header_hygiene import CHECK_FIELDS

CONNECTION = read_connection("[192.0.2.1]:50000|192.0.2.1:50000|127.0.0.1:8443|1|HTTP/2|wiki.example.com")


def test_a_user_agent_is_cut_to_what_is_worth_keeping() -> None:
    """It is kept with every connection and decision, and a header may be 60 KiB long."""
    asked = read_request("GET", "/", "wiki.example.com", {"user_agent": "Mozilla/5.0 " * 1_000}, CONNECTION)
    assert len(asked.user_agent) == 512
    assert asked.user_agent.startswith("Mozilla/5.0 ")


def test_addresses_are_written_as_the_kernels_table_writes_them() -> None:
    """A connection that is registered under another spelling would be gone in the eyes of a cut."""
    read = read_connection("[2001:DB8:0::1]:50000|[2001:DB8:0::1]:50000|[FE80::0:7%3]:8443|1|HTTP/2|wiki.example.com")
    assert read.facts.forwarded_for == ""
    assert (read.socket.peer_ip, read.socket.local_ip) == ("2001:db8::1", "fe80::7%3")


def test_what_is_no_address_is_no_connection() -> None:
    with pytest.raises(ValueError, match="pipe"):
        read_connection("[192.0.2.1]:50000|pipe:50000|127.0.0.1:8443|1|HTTP/2|wiki.example.com")


@pytest.mark.parametrize(
    ("method", "headers", "code"),
    [
        ("GET", {"sec-fetch-site": "same-site", "origin": "https://files.example.com"}, ""),
        ("OPTIONS", {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, ""),
        ("POST", {"sec-fetch-site": "same-site", "origin": "https://files.example.com"}, "origin_not_own"),
        ("DELETE", {"sec-fetch-mode": "cors"}, "origin_not_own"),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "null"}, ""),
        ("POST", {"sec-fetch-site": "cross-site", "origin": "https://partner.example"}, ""),
        ("POST", {"origin": "https://wiki.example.com"}, ""),
        ("POST", {}, ""),
        ("GET", {"upgrade": "websocket", "sec-fetch-site": "same-origin", "origin": "null"}, "origin_not_own"),
        ("GET", {"upgrade": "websocket", "sec-fetch-site": "same-origin"}, "origin_not_own"),
        ("GET", {"upgrade": "websocket", "origin": "https://partner.example"}, ""),
        ("GET", {"upgrade": "websocket", "origin": "https://wiki.example.com"}, ""),
    ],
)
def test_what_changes_something_comes_from_the_own_origin(method: str, headers: dict[str, str], code: str) -> None:
    host = "wiki.example.com:443"
    fields = {CHECK_FIELDS[name]: value for name, value in headers.items()}
    asked = read_request(method, "/", host, fields, CONNECTION)
    rules = AppRules(allowed_origins=("https://partner.example",))
    refused = refuse_request(asked, authority=host, rules=rules)
    assert ("" if refused is None else refused.code) == code

"""Origins as administrators type them and as browsers serialise them."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.apps.origins import changed_origins, parse_origin
from assay.values import InvalidInputError, NotFoundError


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://other.example", "https://other.example"),
        (" https://Other.Example/ ", "https://other.example"),
        ("https://other.example:443", "https://other.example"),
        ("https://other.example:8443", "https://other.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        # One address has many spellings; each browser sends the one of WHATWG URL §3.5.
        ("https://[2001:DB8:0:0:0:0:0:1]", "https://[2001:db8::1]"),
        ("https://[2001:0db8::0:1]:443", "https://[2001:db8::1]"),
        ("https://[2001:db8:0:0:1:0:0:1]", "https://[2001:db8::1:0:0:1]"),
        ("https://[2001:db8:0:1:1:1:1:1]", "https://[2001:db8:0:1:1:1:1:1]"),
        ("https://[::ffff:192.0.2.1]", "https://[::ffff:c000:201]"),
        ("http://[0:0:0:0:0:0:0:1]:5173", "http://[::1]:5173"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("https://1password.example", "https://1password.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(typed: str, sent: str) -> None:
    assert parse_origin(typed) == sent
    assert parse_origin(sent) == sent


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "null",
        "other.example",
        "https://",
        "https://*.example",
        "https://other.example/page",
        "https://other.example?",
        "https://other.example#",
        "https://me@other.example",
        "https://other.example:0",
        "https://other.example:port",
        "https://other_one.example",
        "https://other.example,https://third.example",
        "https://bücher.example",
        "http://other.example",
        "ftp://other.example",
        "file:///etc",
        "https://[2001:db8::1::2]",
        "https://[fe80::1%eth0]",
        "https://[v1.x]",
        "https://[:::]",
        "https://192.0.2.07",
        "https://192.0.2",
        "https://3221225985",
        "https://0xc0.0.2.1",
        "https://192.0.2.256",
        "https://other.example.1",
        "https://[::1",
        "https://other.example:0443",
    ],
)
def test_what_is_no_one_origin_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_origin(typed)


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_address_is_kept_as_one(address: IPv6Address) -> None:
    kept = {parse_origin(f"https://[{spelt}]") for spelt in (str(address), address.exploded, address.exploded.upper())}
    assert len(kept) == 1
    assert {parse_origin(one) for one in kept} == kept


def test_what_a_release_before_kept_in_another_spelling_can_be_taken_away() -> None:
    before = ("https://[2001:db8:0::1]", "https://other.example")
    assert changed_origins(before, allow=(), disallow=["https://[2001:db8:0::1]"]) == ("https://other.example",)
    with pytest.raises(NotFoundError):
        changed_origins(before, allow=(), disallow=["https://third.example"])


@given(st.text())
def test_whatever_is_accepted_is_one_header_value(text: str) -> None:
    try:
        origin = parse_origin(text)
    except InvalidInputError:
        return
    assert origin.isascii()
    assert origin.isprintable()
    assert not set(origin) & set(" ,;\"'")

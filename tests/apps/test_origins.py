"""Origins as administrators type them and as browsers serialise them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.apps.origins import parse_origin
from assay.values import InvalidInputError


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
    ],
)
def test_what_is_no_one_origin_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_origin(typed)


@given(st.text())
def test_whatever_is_accepted_is_one_header_value(text: str) -> None:
    try:
        origin = parse_origin(text)
    except InvalidInputError:
        return
    assert origin.isascii()
    assert origin.isprintable()
    assert not set(origin) & set(" ,;\"'")

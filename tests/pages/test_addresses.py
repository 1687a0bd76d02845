"""Where a browser may be sent: our own pages, and https under the base domain."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.pages import PagesSettings

SETTINGS = PagesSettings(base_domain="example.com", port=8443)


@pytest.mark.parametrize(
    ("location", "leads_home"),
    [
        ("/", True),
        ("/methods?a=b", True),
        ("https://wiki.example.com:8443/.assay/ticket?ticket=x", True),
        ("https://wiki.example.com/", False),
        ("https://wiki.example.com:8444/", False),
        ("https://wiki.example.com:x/", False),
        ("http://wiki.example.com:8443/", False),
        ("https://example.com:8443/", False),
        ("https://evilexample.com:8443/", False),
        ("https://example.com.evil:8443/", False),
        ("https://evil@wiki.example.com:8443/", False),
        ("https://evil.org\\.example.com:8443/", False),
        ("//evil.org", False),
        ("/\\evil.org", False),
        ("/\t/evil.org", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_locations(location: str, leads_home: bool) -> None:
    assert SETTINGS.leads_home(location) is leads_home


@given(st.text(alphabet="abc/\\:.@?#[]% \thtpsexamplecom8443-", max_size=60))
def test_nothing_else_passes(location: str) -> None:
    if SETTINGS.leads_home(location) and not location.startswith("/"):
        parts = urlsplit(location)
        assert parts.scheme == "https"
        assert (parts.hostname or "").endswith(".example.com")
        assert parts.port == 8443


@pytest.mark.parametrize(
    ("host", "port", "is_app"),
    [
        ("wiki.example.com", 443, True),
        ("wiki.example.com:8443", 8443, True),
        ("wiki.example.com", 8443, False),
        ("id.example.com", 443, False),
        ("example.com", 443, False),
        (".example.com", 443, False),
        ("a.b.example.com", 443, False),
    ],
)
def test_app_hosts(host: str, port: int, is_app: bool) -> None:
    assert PagesSettings(base_domain="example.com", port=port).is_app_host(host) is is_app

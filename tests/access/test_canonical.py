"""One canonical form: what could be read in two ways is refused."""

import posixpath
import re
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.access.canonical import (
    host_of,
    is_reserved,
    refuse_authority,
    refuse_method,
    refuse_origin,
    refuse_path,
)

CANONICAL = [
    "/",
    "/a",
    "/a/",
    "/a/b.html",
    "/.well-known/x",
    "/a..b",
    "/...a",
    "/~user/x@y:z",
    "/a,b=c&d+e!f$g'h(i)*j",
    "/%c3%a4",
    "/%E2%82%AC",
    "/100%25",
    "/a%20b",
    "/?",
    "/?a=/../..;x//y",
    "/?next=https%3A%2F%2Fx",
]
NOT_CANONICAL = [
    ("", "character"),
    ("*", "character"),
    ("a", "character"),
    ("http://x/", "character"),
    ("//", "empty_segment"),
    ("//a", "empty_segment"),
    ("/a//b", "empty_segment"),
    ("/a//", "empty_segment"),
    ("/.", "dot_or_space"),
    ("/..", "dot_or_space"),
    ("/a/./b", "dot_or_space"),
    ("/a/../b", "dot_or_space"),
    ("/a/%2e%2E/b", "dot_or_space"),
    ("/a.", "dot_or_space"),
    ("/a./b", "dot_or_space"),
    ("/a%20", "dot_or_space"),
    ("/a;v=1", "path_parameter"),
    ("/a%3bv", "path_parameter"),
    ("/..;/a", "path_parameter"),
    ("/a%2fb", "escaped_slash"),
    ("/a%5Cb", "escaped_slash"),
    ("/a\\b", "character"),
    ("/a b", "character"),
    ("/a\x00", "character"),
    ("/a\x7f", "character"),
    ("/ä", "character"),
    ("/a%", "character"),
    ("/a%2", "character"),
    ("/a%zz", "character"),
    ("/a%u002f", "character"),
    ("/a#b", "character"),
    ("/a%00b", "control_character"),
    ("/a%0d%0ab", "control_character"),
    ("/a%7f", "control_character"),
    ("/%c0%af", "not_utf8"),
    ("/%ff", "not_utf8"),
    ("/%252e%252e/a", "escaped_twice"),
    ("/a%252fb", "escaped_twice"),
    ("/a%25%32%66", "escaped_twice"),
    ("/a%2500", "escaped_twice"),
    ("/a?b\r\nc", "control_character"),
    ("/a?b c", "control_character"),
]


@pytest.mark.parametrize("target", CANONICAL)
def test_canonical_paths_pass(target: str) -> None:
    assert refuse_path(target) is None


@pytest.mark.parametrize(("target", "because"), NOT_CANONICAL)
def test_others_are_refused_with_the_reason(target: str, because: str) -> None:
    refused = refuse_path(target)
    assert refused is not None
    assert (refused.code, dict(refused.parameters)["because"]) == ("path_not_canonical", because)


_PIECES = st.sampled_from(
    (
        *("/", "//", ".", "..", "a", "B", ";", "%2e", "%2f", "%5c", "%25", "2e", "2f", "%00", "%20", " ", "\\", "ä"),
        *("%c3%a4", "%ff", "?", "#", "%", "%3b", "~", "-"),
    )
)


@given(st.lists(_PIECES, max_size=12).map(lambda pieces: "/" + "".join(pieces)))
def test_what_passes_means_the_same_to_every_reader(target: str) -> None:
    """However often an app decodes, merges or resolves it, an accepted path stays the path that was judged."""
    if refuse_path(target) is not None:
        return
    path = target.partition("?")[0]
    once = unquote_to_bytes(path).decode("utf-8")
    twice = unquote_to_bytes(once).decode("utf-8", "replace")
    for text in (once, twice):
        assert text.count("/") == path.count("/")
        assert posixpath.normpath(text).rstrip("/") == text.rstrip("/")
        assert not re.search(r"[\x00-\x1f\\;]", text)


@given(st.text(min_size=1, max_size=30).filter(lambda text: text.strip(". ") != "" and text[-1] not in ". "))
def test_every_ordinary_name_can_be_written_canonically(name: str) -> None:
    if re.search(r"[\x00-\x1f\x7f/\\;%]", name) or any(0xD800 <= ord(char) < 0xE000 for char in name):
        return
    assert refuse_path("/" + quote(name, safe="")) is None


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(target: str) -> None:
    refuse_path(target)
    is_reserved(target)


@pytest.mark.parametrize(
    "target",
    [
        *("/.assay", "/.assay/", "/.assay/x", "/.ASSAY/x", "/%2eassay/x", "/.%61ssay", "//.assay/x", "/.assay;a/b"),
        *("/.assay?x", "/.assay%2fx", "/.assay./x", "/\\.assay/x"),
    ],
)
def test_the_reserved_path_in_any_spelling(target: str) -> None:
    assert is_reserved(target)


@pytest.mark.parametrize("target", ["/", "/assay", "/.assays", "/x/.assay", "/.well-known", "/?/.assay", "*"])
def test_other_paths_belong_to_the_app(target: str) -> None:
    assert not is_reserved(target)


def test_methods() -> None:
    assert refuse_method("GET") is None
    assert refuse_method("PROPFIND") is None
    for method in ("TRACE", "CONNECT", "get", "FOO", "", "TRACK", "DEBUG"):
        assert refuse_method(method) is not None


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("Wiki.Example.com", "wiki.example.com"),
        ("wiki.example.com:443", "wiki.example.com"),
        ("wiki.example.com:x", ""),
        ("wiki.example.com:", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_authority(authority: str, host: str) -> None:
    assert host_of(authority) == host


def test_the_handshake_must_have_named_the_host() -> None:
    assert refuse_authority("wiki.example.com", "WIKI.example.com") is None
    for host, sni in (("wiki.example.com", "id.example.com"), ("wiki.example.com", ""), ("", "")):
        assert refuse_authority(host, sni) is not None


OWN = ("https://wiki.example.com:8443", "https://partner.example")


@pytest.mark.parametrize(
    ("origin", "fetch_site", "passes"),
    [
        # A browser with Fetch Metadata.
        ("https://wiki.example.com:8443", "same-origin", True),
        ("https://wiki.example.com:8443", "", True),
        ("null", "same-origin", True),
        ("", "same-origin", True),
        ("", "none", True),
        ("https://partner.example", "cross-site", True),
        ("https://files.example.com:8443", "same-site", False),
        ("https://files.example.com:8443", "same-origin", False),
        ("https://evil.example", "cross-site", False),
        ("null", "cross-site", False),
        ("null", "same-site", False),
        ("null", "none", False),
        ("", "same-site", False),
        ("", "cross-site", False),
        ("", "Same-Origin", False),
        # One without, and programs.
        ("", "", True),
        ("null", "", False),
        ("https://wiki.example.com", "", False),
        ("http://wiki.example.com:8443", "", False),
        ("https://wiki.example.com:8443.evil.example", "", False),
        ("https://WIKI.example.com:8443", "", False),
        ("https://wiki.example.com:8443, https://wiki.example.com:8443", "", False),
    ],
)
def test_changes_come_from_the_own_origin_and_those_it_allows(origin: str, fetch_site: str, passes: bool) -> None:
    refused = refuse_origin(origin, fetch_site=fetch_site, from_browser=bool(fetch_site), own=OWN)
    assert (refused is None) == passes

"""Which paths a rule is about: on segment boundaries, as spelled, and never one that reads two ways."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assay.access.canonical import is_reserved, refuse_path
from assay.values import InvalidInputError
from assay.values.path_scope import covers, is_canonical, path_scope

CHARACTERS = st.sampled_from(
    [*"/.;%\\ aA2fFeE5cC#?*~", "%2e", "%2f", "%5c", "%c3%a4", "%20", "..", "//", ".assay", "assets"]
)
PATHS = st.lists(CHARACTERS, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("scope", "path", "covered"),
    [
        ("/health", "/health", True),
        ("/health", "/health/", False),
        ("/health", "/healthz", False),
        ("/health", "/health/x", False),
        ("/assets/", "/assets/", True),
        ("/assets/", "/assets/a/b.png", True),
        ("/assets/", "/assets/%c3%a4%20b.png", True),
        ("/assets/", "/assets", False),
        ("/assets/", "/assetsx", False),
        ("/assets/", "/ASSETS/a", False),
        ("/assets/", "/assets/../a", False),
        ("/assets/", "/assets/./a", False),
        ("/assets/", "/assets//a", False),
        ("/assets/", "/assets/%2e%2e/a", False),
        ("/assets/", "/assets/%2E./a", False),
        ("/assets/", "/assets/a%2fb", False),
        ("/assets/", "/assets/a%5cb", False),
        ("/assets/", "/assets/a\\b", False),
        ("/assets/", "/assets/a;b", False),
        ("/assets/", "/assets/a%3bb", False),
        ("/assets/", "/assets/a%61", False),
        ("/assets/", "/assets/a.", False),
        ("/assets/", "/assets/a%20", False),
        ("/assets/", "/assets/%00", False),
        ("/assets/", "/assets/%ff", False),
        ("/assets/", "/assets/%ef%bc%8f..", False),
        ("/assets/", "/assets/%ef%bc%8fa", False),  # FULLWIDTH SOLIDUS, a slash once it is normalised
        ("/assets/", "/assets/%e2%80%a5a", False),  # TWO DOT LEADER, two dots once it is normalised
        ("/assets/", "/assets/%c2%85a", False),
        ("/assets/", "/assets/a?b", False),
        ("/", "/", True),
        ("/", "/a", True),
        ("/", "/.assay", False),
        ("/", "/.assay/jwks.json", False),
        ("/", "/.ASSAY/x", False),
        ("/", "/.assayx", True),
        ("/", "", False),
        ("/", "*", False),
    ],
)
def test_what_a_scope_covers(scope: str, path: str, covered: bool) -> None:
    assert path_scope(scope) == scope
    assert covers(scope, path) is covered


NO_SCOPES = [
    *("", "assets/", "/a//b", "/a/../b", "/a/.", "/a*", "/a;b", "/%61", "/ä", "/a b", "/a?b", "/a#b", "/a\\b", "/a\n"),
    *("/.assay", "/.assay/", "/.Assay/x", "https://wiki.example/a", "//evil", "/" + "a" * 600),
]


@pytest.mark.parametrize("typed", NO_SCOPES)
def test_what_cannot_be_a_scope(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        path_scope(typed)


@given(PATHS)
@example("/.assay./x")
@example("/.%61ssay")
def test_what_is_covered_is_canonical_for_the_gateway_too_and_not_ours(path: str) -> None:
    for scope in ("/", "/assets/", "/a"):
        if covers(scope, path):
            assert refuse_path(path) is None
            assert not is_reserved(path)
            assert path == scope or (scope.endswith("/") and path.startswith(scope))


@given(PATHS, PATHS)
def test_nothing_leaves_a_prefix(head: str, tail: str) -> None:
    path = f"/assets/{head}/../{tail}"
    assert not covers("/assets/", path)


@given(st.text(max_size=50))
def test_a_scope_is_a_canonical_path_and_covers_itself(text: str) -> None:
    try:
        scope = path_scope(text)
    except InvalidInputError:
        return
    assert is_canonical(scope)
    assert covers(scope, scope)


def test_a_long_path_is_read_in_no_time() -> None:
    assert not is_canonical("/" + "." * 100_000)
    assert not is_canonical("/" + "a." * 4_000 + "/")
    assert is_canonical("/" + "a/" * 4_000)

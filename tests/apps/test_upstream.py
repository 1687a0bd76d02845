"""Where an app listens, as administrators type it."""

import pytest

from assay.apps import Upstream, typed_upstream
from assay.values import InvalidInputError


@pytest.mark.parametrize(
    ("text", "upstream"),
    [
        ("http://127.0.0.1:3000", Upstream(host="127.0.0.1", port=3000)),
        ("https://Wiki.Internal", Upstream(tls=True, host="wiki.internal", port=443)),
        ("http://my_app-1:80/", Upstream(host="my_app-1", port=80)),
        ("http://wiki.internal.:8080", Upstream(host="wiki.internal.", port=8080)),
        ("http://[::1]:3000", Upstream(host="::1", port=3000)),
        (f"http://{'a' * 63}.internal:80", Upstream(host=f"{'a' * 63}.internal", port=80)),
        ("unix:///run/wiki.sock", Upstream(path="/run/wiki.sock")),
    ],
)
def test_an_address_is_read(text: str, upstream: Upstream) -> None:
    assert typed_upstream(text) == upstream


@pytest.mark.parametrize(
    "text",
    [
        "http://wiki..internal:80",
        "http://.internal:80",
        f"http://{'a' * 64}.internal:80",
        f"http://{'a.' * 127}internal:80",
        "http://two words:80",
        "http://-wiki:80",
        "http://wiki-:80",
        "http://wiki\u00e9.internal:80",
        "http://*.internal:80",
        "http://wiki:0",
        "http://user@wiki:80",
        "http://wiki:80/path",
        "ftp://wiki:21",
        "unix://run/wiki.sock",
    ],
)
def test_what_names_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        typed_upstream(text)

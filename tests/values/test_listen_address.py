"""Where something of ours listens, as it is typed."""

import pytest

from assay.values import InvalidInputError
from assay.values.listen_address import ListenAddress, parse_listen_address


@pytest.mark.parametrize(
    ("text", "address", "stays_here"),
    [
        ("127.0.0.1:8477", ListenAddress(host="127.0.0.1", port=8477), True),
        ("[::1]:8477", ListenAddress(host="::1", port=8477), True),
        ("0.0.0.0:80", ListenAddress(host="0.0.0.0", port=80), False),
        ("[2001:db8::7]:65535", ListenAddress(host="2001:db8::7", port=65535), False),
        ("unix:///run/assay/ask.sock", ListenAddress(path="/run/assay/ask.sock"), True),
    ],
)
def test_an_address_is_read_and_written_alike(text: str, address: ListenAddress, stays_here: bool) -> None:
    assert parse_listen_address(text) == address
    assert str(address) == text
    assert address.stays_here is stays_here


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8477",
        "localhost:80",
        ":80",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "::1:80",
        "unix://run/x",
        "1.2.3:1",
        f"unix:///{'x' * 108}",
        "127.0.0.1:80/check",
        "127.0.0.1:٨٠",
    ],
)
def test_what_names_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_listen_address(text)

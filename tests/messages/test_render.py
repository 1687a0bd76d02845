"""What a message says, and what it can never be made to say."""

import re
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.messages.notice import Notice
from assay.messages.render import cleaned, octets, render
from assay.messages.wording import WORDING
from assay.values.mailbox import mailbox
from tests.messages.build import HEAD, message

HOSTILE = "Mallory\r\nBcc: victim@example.net\r\n\r\n<a href='https://evil.example'>click</a> https://evil.example/x"


@pytest.mark.parametrize("notice", list(Notice))
def test_every_notice_has_words_in_text_and_in_html(notice: Notice) -> None:
    mail = render(message(notice=notice, account="break-glass-1", address="192.0.2.7"), HEAD)
    assert mail is not None
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "2026-11-23 09:00:00 UTC" in part
        assert "{" not in part
        assert re.findall(r"https?://[^\s<\"]+", part).count("https://id.example.com/") >= 1
        assert set(re.findall(r"https?://[^\s<\"]+", part)) == {"https://id.example.com/"}
    assert "src=" not in html.get_content()
    assert "url(" not in html.get_content()


def test_every_notice_has_words() -> None:
    assert set(WORDING) == set(Notice)


def test_a_hostile_name_makes_no_header_no_markup_and_no_link() -> None:
    mail = render(message(name=HOSTILE, notice=Notice.NEW_DEVICE, device=HOSTILE, address=HOSTILE), HEAD)
    assert mail is not None
    back = message_from_bytes(octets(mail), policy=policy.default)
    assert back["Bcc"] is None
    assert len(back["To"].addresses) == 1
    assert back["To"].addresses[0].addr_spec == "alice@example.net"
    html = back.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert html.count("<a ") == 1
    assert "evil.example" not in html
    assert "https://evil" not in html


@given(text=st.text(max_size=400))
def test_what_others_wrote_stays_on_one_line_and_is_bounded(text: str) -> None:
    found = cleaned(text, 200)
    assert found.isprintable()
    assert "://" not in found
    assert not re.search(r"\S\.[^\W\d_]", found)
    assert len(found) <= 600


@given(name=st.text(max_size=300), value=st.text(max_size=300))
def test_no_text_adds_a_header_or_fails(name: str, value: str) -> None:
    mail = render(message(name=name, device=value), HEAD)
    assert mail is not None
    raw = octets(mail)
    back = message_from_bytes(raw, policy=policy.default)
    assert sorted(back.keys()) == [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "RFC 5322 §2.1.1"
    assert raw.isascii()


@pytest.mark.parametrize(
    "address",
    [
        "ada@straße.de",  # two readings: two hosts
        "alice@example.net>\r\nRCPT TO:<eve@evil.test",
        "alice@example.net,eve@evil.test",
        "alice@example.net eve@evil.test",
        "a>b@example.net",
        '"quoted"@example.net',
        "alice@[192.0.2.1]",
        "@example.net",
        "alice@",
        "alice@-bad.example",
        "ålice@example.net",
        "a" * 65 + "@example.net",
        "alice@" + "a" * 300,
        "-oQ/tmp@example.net\n",
    ],
)
def test_no_address_but_a_plain_mailbox_is_handed_to_a_server(address: str) -> None:
    assert mailbox(address) is None
    assert render(message(recipient=address), HEAD) is None


def test_an_international_domain_is_written_in_ascii() -> None:
    assert mailbox("alice@bücher.example") == ("alice", "xn--bcher-kva.example")

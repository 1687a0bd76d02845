"""SMTP against servers that are honest, dead, slow, and lying."""

import socket
import time
from pathlib import Path

import msgspec
import pytest

from assay.messages.outcome import Attempt, Fate
from assay.messages.render import render
from assay.messages.settings import Encryption, MailSettings, Transport, mail_refusal
from assay.messages.smtp_carrier import SmtpCarrier
from tests.messages.build import HEAD, message, smtp
from tests.messages.mail_server import (
    PHASES,
    Act,
    Drip,
    Drop,
    Flood,
    Hang,
    MailServer,
    authority_and_context,
    mail_server,
)

SECRET = "the mail account's own secret"
PATIENCE = 20  # seconds that a busy machine may take; what has no bound would not end at all


def send(settings: MailSettings, recipient: str = "alice@example.net") -> tuple[Attempt, float]:
    """One attempt, and how many seconds it took."""
    mail = render(message(recipient=recipient), HEAD)
    assert mail is not None
    carrier = SmtpCarrier(settings, local_host="id.example.com")
    began = time.monotonic()
    attempt = carrier.carry(mail, message_id="m", recipient=recipient)
    return attempt, time.monotonic() - began


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "mail-password"
    file.write_text(f"{SECRET}\n")
    return file


def test_an_honest_server_takes_a_message() -> None:
    with mail_server() as server:
        assert send(smtp(server.port))[0].fate is Fate.SENT
        (mail,) = server.wait_for(1)
        assert server.envelopes == [("FROM:<assay@example.com>", "TO:<alice@example.net>")]
    assert mail["Message-ID"] == f"<{message().id}@id.example.com>"
    assert mail["To"] == "alice@example.net"
    assert mail.get_content_type() == "multipart/alternative"


def test_a_domain_beyond_ascii_goes_over_the_wire_in_ascii() -> None:
    with mail_server() as server:
        settings = msgspec.structs.replace(smtp(server.port), sender="assay@b\u00fccher.example")
        assert send(settings, "bob@m\u00fcller.example")[0] == Attempt(fate=Fate.SENT)
        server.wait_for(1)
        assert server.envelopes == [("FROM:<assay@xn--bcher-kva.example>", "TO:<bob@xn--mller-kva.example>")]


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_a_verified_server_takes_the_password_and_the_message(
    tmp_path: Path, password_file: Path, encryption: Encryption
) -> None:
    authorities, context = authority_and_context(tmp_path)
    with mail_server(MailServer(tls=context, from_the_start=encryption is Encryption.TLS)) as server:
        settings = smtp(
            server.port,
            encryption=encryption,
            authorities=authorities,
            user_name="assay",
            password_file=password_file,
        )
        attempt, _ = send(settings)
        assert attempt == Attempt(fate=Fate.SENT)
        assert server.logins == [f"\0assay\0{SECRET}"]


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
@pytest.mark.parametrize("wrong", ["unknown authority", "another host"])
def test_nothing_is_said_to_a_server_that_cannot_prove_who_it_is(
    tmp_path: Path, password_file: Path, encryption: Encryption, wrong: str
) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    mine.mkdir()
    other.mkdir()
    authorities, context = authority_and_context(
        mine, host="localhost" if wrong == "unknown authority" else "evil.test"
    )
    if wrong == "unknown authority":
        authorities, _ = authority_and_context(other)
    with mail_server(MailServer(tls=context, from_the_start=encryption is Encryption.TLS)) as server:
        settings = smtp(
            server.port,
            encryption=encryption,
            authorities=authorities,
            user_name="assay",
            password_file=password_file,
        )
        attempt, _ = send(settings)
        assert attempt.fate is Fate.UNREACHABLE
        assert "certificate" in attempt.error.lower()
        assert server.logins == []
        assert server.received == []


def test_a_stripped_starttls_is_noticed(password_file: Path) -> None:
    with mail_server() as server:
        settings = smtp(server.port, encryption=Encryption.STARTTLS, user_name="assay", password_file=password_file)
        attempt, _ = send(settings)
        assert attempt.fate is Fate.UNREACHABLE
        assert "STARTTLS" in attempt.error
        assert server.logins == []
        assert server.received == []


def test_what_was_injected_before_tls_is_not_believed(tmp_path: Path) -> None:
    authorities, context = authority_and_context(tmp_path)
    injected = b"220 go ahead\r\n250 taken\r\n250 taken\r\n"
    with mail_server(MailServer(tls=context, acts={"STARTTLS": injected})) as server:
        attempt, _ = send(smtp(server.port, encryption=Encryption.STARTTLS, authorities=authorities))
        if attempt.fate is Fate.SENT:
            assert len(server.received) == 1, "taken for real, not by what was injected"


def test_a_dead_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    attempt, seconds = send(smtp(port))
    assert attempt.fate is Fate.UNREACHABLE
    assert attempt.error.startswith("connect: ")
    assert seconds < PATIENCE, "refused at once"


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase not in ("STARTTLS", "AUTH")])
@pytest.mark.parametrize(
    "act",
    [
        Hang(),
        Drop(),
        Drip(b"250-still thinking about it\r\n"),
        Flood(b"250-" + b"a" * 400 + b"\r\n"),
        Flood(b"a" * 65_536),
        b"huh?\r\n",
        b"\xff\xfe\x00\r\n",
        b"99999 ok\r\n",
        b"421 go away\r\n",
        b"599 never\r\n",
    ],
    ids=["hangs", "drops", "drips", "endless reply", "endless line", "garbage", "binary", "no code", "4xx", "5xx"],
)
def test_a_slow_or_lying_server_costs_a_bounded_time_and_loses_nothing(phase: str, act: Act) -> None:
    with mail_server(MailServer(acts={phase: act})) as server:
        attempt, seconds = send(smtp(server.port, timeout_seconds=1.0))
    assert attempt.fate is not Fate.SENT
    assert attempt.error
    assert attempt.error.isprintable()
    assert len(attempt.error) < 300
    assert seconds < 3 + PATIENCE, "the deadline is three timeouts"
    if attempt.fate is Fate.REFUSED:
        assert isinstance(act, bytes)
        assert act.startswith(b"5")
        assert phase in ("RCPT", "DATA", "content"), "a refusal before there is a recipient is about us"


def test_the_password_is_never_said_even_when_the_server_says_it(tmp_path: Path, password_file: Path) -> None:
    authorities, context = authority_and_context(tmp_path)
    with mail_server(MailServer(tls=context, acts={"AUTH": f"535 {SECRET}\r\n".encode()})) as server:
        settings = smtp(
            server.port,
            encryption=Encryption.STARTTLS,
            authorities=authorities,
            user_name="assay",
            password_file=password_file,
        )
        attempt, _ = send(settings)
    assert attempt.fate is Fate.UNREACHABLE
    assert "535" in attempt.error
    assert SECRET not in attempt.error
    assert SECRET not in repr(settings)


def test_closing_ends_what_is_under_way() -> None:
    with mail_server(MailServer(acts={"greeting": Hang()})) as server:
        carrier = SmtpCarrier(smtp(server.port, timeout_seconds=60.0), local_host="id.example.com")
        carrier.close()
        mail = render(message(), HEAD)
        assert mail is not None
        began = time.monotonic()
        assert carrier.carry(mail, message_id="m", recipient="alice@example.net").fate is Fate.UNREACHABLE
        assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (MailSettings(transport=Transport.SMTP, sender="a@b.test"), "mail.host"),
        (smtp(25, timeout_seconds=0.001), "mail.timeout_seconds"),
        (smtp(70_000), "mail.port"),
        (smtp(25, user_name="assay"), "mail.password_file"),
        (smtp(25, user_name="assay", password_file=Path("/nowhere")), "mail.encryption"),
    ],
)
def test_settings_that_cannot_work_name_their_key(settings: MailSettings, key: str) -> None:
    refusal = mail_refusal(settings)
    assert refusal is not None
    assert key in refusal

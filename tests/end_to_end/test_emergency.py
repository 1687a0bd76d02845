"""Messages and emergency access with the whole service: killed while it sends, and with unreadable policies."""

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, installation
from tests.messages.mail_server import Hang, MailServer, mail_server
from tests.ports import free_port


def a_port() -> int:
    return free_port()


def with_mail(directory: Path, server: MailServer) -> tuple[str, ...]:
    """The options of a service that sends through this server."""
    file = directory / "assay.toml"
    file.write_text(
        "[mail]\n"
        'transport = "smtp"\n'
        'host = "localhost"\n'
        f"port = {server.port}\n"
        'encryption = "none"\n'
        'sender = "assay@example.com"\n'
    )
    file.chmod(0o600)
    return ("--config", str(file))


@pytest.mark.slow
def test_a_service_killed_while_it_sends_loses_no_message_and_is_not_held_up(tmp_path: Path) -> None:
    """Before the first word and in the last: one service, killed twice."""
    with mail_server(MailServer(acts={"greeting": Hang()})) as server:
        options = with_mail(tmp_path, server)
        with installation(tmp_path, port=a_port(), options=options) as installed:
            kill_while_it_sends(installed, server, "alice")
            sends_what_was_held(installed, server, "alice")
            server.received.clear()
            server.acts.clear()
            server.acts["content"] = Hang()
            kill_while_it_sends(installed, server, "carol")
            sends_what_was_held(installed, server, "carol")


def kill_while_it_sends(installed: Installation, server: MailServer, name: str) -> None:
    """Kill it in the phase in which the server hangs, and start it anew beside one that answers."""
    before = server.connections
    installed.run("users", "add", name, "--email", f"{name}@example.net")
    installed.run("users", "disable", name)
    held = installed.json("messages", "list")
    assert isinstance(held, dict)
    assert held["waiting"] == 1, "the command is done, the message is not: nobody waits for a mail server"
    server.wait_for_connection(beyond=before)
    assert installed.process is not None
    installed.process.send_signal(signal.SIGKILL)
    installed.process.wait(60)
    server.acts.clear()
    installed.start()
    found = installed.json("messages", "list")
    assert isinstance(found, dict)
    assert found["configured"]


def sends_what_was_held(installed: Installation, server: MailServer, name: str) -> None:
    """The message comes once, and others beside it."""
    (mail,) = server.wait_for(1)
    assert mail["Subject"] == "Your account was disabled"
    assert mail["To"] == f"{name}@example.net"
    installed.run("messages", "test", "--to", "bob@example.net")
    assert server.wait_for(2)[1]["To"] == "bob@example.net"
    server.acts["RCPT"] = b"550 nobody here\r\n"
    assert "550 nobody here" in installed.run("messages", "test", "--to", "bob@example.net", code=1)
    installed.run("messages", "test", "--to", "bob@example.net\nBcc: eve@example.net", code=2)


@pytest.mark.slow
def test_emergency_access_is_made_at_the_first_start_and_outlives_unreadable_policies(tmp_path: Path) -> None:
    with installation(tmp_path, port=a_port()) as installed:
        assert sum("Emergency access is not set up yet" in line for line in installed.printed) == 1
        assert "break-glass-2" in installed.run("break-glass", "list")
        assert "/enrol/" in installed.run("break-glass", "enrol", "1")
        installed.run("users", "disable", "break-glass-1", code=1)
        installed.run("users", "remove", "break-glass-2", code=1)
        installed.run("users", "roles", "remove", "Global Administrator", "--user", "break-glass-1", code=1)
        assert "until" in installed.run("break-glass", "drill")
        assert installed.run("break-glass", "reviews") == "no review is open\n"
        installed.run("break-glass", "review", "nothing", "--by", "ada", "--finding", "none", code=1)

        installed.stop()
        with sqlite3.connect(installed.data / "assay.db") as database:
            # What a failing disk leaves behind.
            database.execute("UPDATE policy SET definition = '{'")
        database.close()
        installed.start()
        assert any("emergency access accounts alone get in" in line for line in installed.printed)
        assert "break-glass-1" in installed.run("break-glass", "list")
        assert "/enrol/" in installed.run("break-glass", "enrol", "1")

"""Real Chromium with a virtual authenticator, which trusts the installation's authority and no other."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PATIENCE = 60_000  # milliseconds: how long a page may take where everything else runs too
expect.set_options(timeout=PATIENCE)


def trust(home: Path, authority: Path) -> None:
    """Let Chromium under this HOME trust the authority, as a person's browser would after `assay trust`."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (
        ("-N", "--empty-password"),
        ("-A", "-t", "C,,", "-n", "assay", "-i", str(authority)),
    ):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True, capture_output=True)


@contextmanager
def chromium(home: Path, authority: Path) -> Iterator[BrowserContext]:
    """A browser with an empty profile."""
    trust(home, authority)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(home / "profile"),
            executable_path=CHROMIUM,
            args=list(FLAGS),
            env={**os.environ, "HOME": str(home)},
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


@contextmanager
def browser_of_many(home: Path, authority: Path) -> Iterator[Browser]:
    """A browser in which each person has a profile of their own: `new_context`."""
    trust(home, authority)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env={**os.environ, "HOME": str(home)}
        )
        yield started
        started.close()


class Authenticator:
    """A platform authenticator that verifies its user."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    def touch(self, *, ready: bool) -> None:
        """Whether the person touches it at once; the sign-in page offers passkeys by itself."""
        self._session.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": self._id, "enabled": ready})


def with_authenticator(context: BrowserContext) -> tuple[Page, Authenticator]:
    """A page with an authenticator."""
    page = context.new_page()
    return page, Authenticator(context.new_cdp_session(page))

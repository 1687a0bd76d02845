"""The pages for tests: as an application for requests, and on a port with a browser in front."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from assay.pages import PagesSettings, create_pages
from tests.end_to_end.browser import PATIENCE
from tests.pages.company import Company
from tests.pages.server import Serving, serving

expect.set_options(timeout=PATIENCE)
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def settings() -> PagesSettings:
    return PagesSettings(base_domain="example.com")


@pytest.fixture
def company(settings: PagesSettings) -> Company:
    return Company(settings)


@pytest.fixture
async def client(company: Company, settings: PagesSettings) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's requests to the application, as the gateway hands them on."""
    pages = create_pages(
        sign_in=company.sign_in,
        enrol=company.enrol,
        tickets=company.app_hosts,
        help_desk=company.help_desk,
        own_resets=company.own_resets,
        command_lines=company.command_lines,
        own_home=company.own_home,
        own_sessions=company.own_sessions,
        own_devices=company.own_devices,
        own_sign_ins=company.own_sign_ins,
        settings=settings,
    )
    headers = {
        "assay-connection": "192.0.2.7:50123|127.0.0.1:8443|1|HTTP/2|id.example.com",
        "accept": "text/html",
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }
    transport = httpx.ASGITransport(app=pages)  # type: ignore[arg-type]  # httpx types ASGI with plain dicts
    async with httpx.AsyncClient(transport=transport, base_url=settings.origin, headers=headers) as opened:
        yield opened


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The pages on a TLS port."""
    with serving(tmp_path_factory.mktemp("pages")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(served: Serving) -> Iterator[Browser]:
    """Debian's Chromium, which trusts the server's key alone."""
    trust = f"--ignore-certificate-errors-spki-list={served.spki}"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, trust])
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()

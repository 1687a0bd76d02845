"""Strangers who leave in the middle of a form write nothing that looks like a fault of ours."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.pages import PagesSettings, create_pages
from assay.server.unix_socket import UnixSocket
from tests.api.service import short_directory
from tests.pages.company import Company

HALF_A_FORM = b"""POST /sign-in/password HTTP/1.1
host: id.example.com
origin: https://id.example.com
assay-connection: 192.0.2.7:50123|127.0.0.1:8443|1|HTTP/2|id.example.com
content-type: application/x-www-form-urlencoded
content-length: 500

user_name=""".replace(b"\n", b"\r\n")


class Told(logging.Handler):
    """What the pages wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[str] = []
        self.said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.levels.append(record.levelname)
        self.said.set()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[Told]:
    caplog.set_level(logging.DEBUG, logger="assay.pages")
    handler = Told()
    logging.getLogger("assay.pages").addHandler(handler)
    yield handler
    logging.getLogger("assay.pages").removeHandler(handler)


async def test_an_aborted_form_is_no_error(company: Company, settings: PagesSettings, told: Told) -> None:
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
    with short_directory() as directory:
        server = UnixSocket(pages, Path(directory) / "run" / "pages.sock")
        await server.start()
        _, writer = await asyncio.open_unix_connection(server.path)
        writer.write(HALF_A_FORM)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        await asyncio.wait_for(told.said.wait(), 60)
        await server.stop()
    assert told.levels == ["DEBUG"]

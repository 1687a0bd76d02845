"""`assay upgrade`: bring a stopped service's database to this release's schema, or back."""

import shutil
from pathlib import Path

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, fail
from assay.cli.find_service import data_directory
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.cli.up_settings import Options, stopped
from assay.clock import SystemClock
from assay.server.data_directory import lock, lock_database
from assay.server.roll_back import roll_back
from assay.server.settings import ServiceSettings
from assay.store import Database
from assay.store.migrate import Plan, plan, upgrade
from assay.store.rollback import Loss, losses
from assay.values import AssayError


@click.command("upgrade")
@click.option("--check", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--back-to", metavar="SCHEMA", help="Go back to the schema of the release before, such as 0005.")
@click.option("--lose", is_flag=True, help="What has no place in the earlier schema may be lost.")
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The service's assay.toml."
)
@click.option("--database", help="postgresql://…; SQLite in the data directory without it.")
@data_option
@json_option
def upgrade_command(
    *,
    check: bool,
    back_to: str | None,
    lose: bool,
    config: Path | None,
    database: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Upgrade the database now, with the service stopped; `assay up` does it at its start too."""
    output = Output(as_json=as_json)
    try:
        named = data_directory(data) if config is None else data
        settings = stopped(config, Options(data=named, database=database))
        _work(output, settings, check=check, back_to=back_to, lose=lose)
    except AssayError as error:
        problem = Problem(code="refused", message=error.message, remedy=error.remedy)
        fail(problem, REFUSED, as_json=as_json)


def _work(output: Output, settings: ServiceSettings, *, check: bool, back_to: str | None, lose: bool) -> None:
    where = settings.places
    opened = Database(settings.database) if settings.database else Database.at(where.database)
    try:
        if check:
            _say_check(output, opened, plan(opened), back_to)
            return
        unlock, unlock_database = lock(where), lock_database(opened)
        try:
            if back_to is None:
                done = plan(opened)
                upgrade(opened)
                output.said(msgspec.json.encode(done), f"schema {done.now or 'empty'} is now {done.target}")
            else:
                lost = roll_back(opened, back_to, lose=lose, at=SystemClock().now())
                output.said(msgspec.json.encode(lost), f"the schema is {back_to} again", *_lost(lost))
        finally:
            unlock_database()
            unlock()
    finally:
        opened.close()


def _say_check(output: Output, database: Database, found: Plan, back_to: str | None) -> None:
    if back_to is not None:
        lost = losses(database, back_to)
        nothing = (f"the way back to {back_to} loses nothing",)
        output.said(msgspec.json.encode(lost), *(_lost(lost) or nothing))
        return
    if not found.steps:
        output.said(msgspec.json.encode(found), f"schema {found.now} is this release's; nothing to do")
        return
    lines = [f"schema {found.now or 'empty'}, this release has {found.target}: {len(found.steps)} steps"]
    lines += [f"  {step}" for step in found.steps]
    lines.append(f"  {found.rows} rows; the service is stopped meanwhile")
    if found.space and database.file is not None:
        free = shutil.disk_usage(database.file.parent).free
        lines.append(f"  {found.space / 1_000_000:.1f} MB needed for a copy before it; {free / 1_000_000:.0f} MB free")
    output.said(msgspec.json.encode(found), *lines)


def _lost(lost: tuple[Loss, ...]) -> tuple[str, ...]:
    return tuple(f"  lost: {each.what} ({each.rows} rows)" for each in lost)

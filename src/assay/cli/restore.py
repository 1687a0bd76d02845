"""`assay restore`: put a backup back, into an empty place."""

import asyncio
import sys
from pathlib import Path

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.backup import EXISTING, first_line, identity_option, key_option, passphrase_option, verifiers_in
from assay.cli.client import REFUSED, WRONG_USE, fail
from assay.cli.options import json_option
from assay.cli.output import Output
from assay.cli.typed import typed
from assay.cli.up_settings import Options, stopped
from assay.clock import SystemClock
from assay.server.restore import Restoration, Restore
from assay.values import AssayError, InvalidInputError


@click.command()
@click.argument("file", type=EXISTING)
@click.option("--config", type=EXISTING, help="The assay.toml of the service that is restored.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="An empty directory.")
@click.option("--database", help="postgresql://… of an empty database; SQLite in --data without it.")
@click.option("--master-key", type=click.Path(path_type=Path), help="Where the master key goes, outside the data.")
@click.option("--keep-sessions", is_flag=True, help="People stay signed in; not after a theft.")
@passphrase_option
@identity_option
@key_option
@json_option
def restore(
    file: Path,
    config: Path | None,
    data: Path | None,
    database: str | None,
    master_key: Path | None,
    passphrase_file: Path | None,
    identity: Path | None,
    keys: tuple[Path, ...],
    *,
    keep_sessions: bool,
    as_json: bool,
) -> None:
    """Restore FILE; exit 1 where the restored log is not good. The service must not run there."""
    if config is None and data is None:
        raise click.UsageError("name an empty directory with --data, or the service's assay.toml with --config")
    try:
        settings = stopped(config, Options(data=data, master_key=master_key, database=database))
        work = Restore(
            file,
            settings.places,
            SystemClock(),
            passphrase=first_line(passphrase_file),
            identity=first_line(identity),
            database=settings.database,
        )
        found = asyncio.run(
            work.run(
                keep_sessions=keep_sessions,
                verifiers=verifiers_in(keys),
                say=lambda words: click.echo(f"{words} …", err=True),
            )
        )
    except InvalidInputError as error:
        fail(Problem(code="refused", message=error.message, remedy=error.remedy), WRONG_USE, as_json=as_json)
    except AssayError as error:
        fail(Problem(code="refused", message=error.message, remedy=error.remedy), REFUSED, as_json=as_json)
    except OSError as error:
        problem = Problem(
            code="notWritten", message=f"the restore failed: {error}", remedy="empty the target, try again"
        )
        fail(problem, REFUSED, as_json=as_json)
    Output(as_json=as_json).said(msgspec.json.encode(found.restored), *_lines(found, settings.places.data))
    if not found.verdict.ok:
        click.echo(typed("assay: the restored log is NOT GOOD; see: assay events verify"), err=True)
        sys.exit(REFUSED)


def _lines(found: Restoration, data: Path) -> tuple[str, ...]:
    restored = found.restored
    lines = [
        f"restored into {data}: {restored.records} records, as of {restored.taken_at:%Y-%m-%d %H:%M:%SZ}",
        f"  sessions ended: {restored.sessions_ended}; people removed again: {restored.people_removed_again}",
    ]
    if restored.disabled_instead:
        lines += [
            f"  DISABLED, NOT REMOVED: {', '.join(restored.disabled_instead)}",
            "  removed after this backup, but the last administrator in it, or for emergencies: make somebody else",
            "  an administrator, then remove them: assay users roles, assay users remove",
        ]
    if restored.rolled_back:
        lines += [
            f"  ROLLED BACK: at least {restored.rolled_back} records were signed after this backup and are gone",
            f"  their checkpoints were put aside in {found.aside}; the log says so too",
        ]
    lines += [
        "  LOOK BEFORE ANYBODY SIGNS IN: who was disabled, which role was taken, which method was removed or password",
        "  changed after this backup is as it was then; sessions revoked since live again with --keep-sessions",
    ]
    return tuple(lines)

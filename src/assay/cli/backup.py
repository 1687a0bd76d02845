"""`assay backup`: take, make a key for, and verify backups."""

import os
import secrets
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import click
import msgspec

from assay.api.shapes.backup import BackupNoted, BackupTaken, TakeBackup
from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, WRONG_USE, Client, fail
from assay.cli.options import json_option, talks_to_service
from assay.cli.output import Output
from assay.events.note import Verifier, parse_verifier
from assay.sealing.backup_header import generate, seal_key
from assay.sealing.segments import CONTENT_KEY_BYTES
from assay.server.read_backup import Contents, verify_backup
from assay.values import AssayError, InvalidInputError

FILE: Final = click.Path(dir_okay=False, path_type=Path)
EXISTING: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_SAID_EVERY: Final = 64 * 1024 * 1024

passphrase_option = click.option("--passphrase-file", type=EXISTING, help="The passphrase, the first line of a file.")
identity_option = click.option("--identity", type=EXISTING, help="The secret half of the recipient.")
key_option = click.option(
    "--key", "keys", type=EXISTING, multiple=True, help="A checkpoint key kept elsewhere; the log must be signed by it."
)


class _FileOrCommand(click.Group):
    """`assay backup FILE` takes one; `verify` and `keygen` are its other verbs."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = next((arg for arg in args if not arg.startswith("-")), "")
        if args and named not in self.commands and not {"-h", "--help"} & set(args):
            args = ["take", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_FileOrCommand)
def backup() -> None:
    """Back up the running service: assay backup FILE --recipient … (or --passphrase-file …)."""


@backup.command("take")
@click.argument("file", type=FILE)
@click.option("--recipient", "recipients", multiple=True, help="Who can open it (from keygen), or a file with one.")
@passphrase_option
@talks_to_service
def take(client: Client, output: Output, file: Path, recipients: tuple[str, ...], passphrase_file: Path | None) -> None:
    """Write everything into FILE, sealed: one snapshot of a service that goes on working."""
    content_key = secrets.token_bytes(CONTENT_KEY_BYTES)
    try:
        header = seal_key(
            content_key,
            at=datetime.now(UTC),
            passphrase=first_line(passphrase_file),
            recipients=tuple(map(_recipient, recipients)),
            random=secrets.token_bytes,
        )
    except InvalidInputError as error:
        _say(error, WRONG_USE, as_json=output.as_json)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.partial")
    try:
        stream = client.post_chunks("/backups", TakeBackup(content_key=content_key, header=header))
        size = _write(draft, header, stream, said=not output.as_json)
        contents = verify_backup(draft, content_key=content_key)
        draft.replace(file)
        _sync(file.parent)
    except OSError as error:
        problem = Problem(
            code="notWritten",
            message=f"the backup cannot be written to {file}: {error.strerror or error}",
            remedy="free space there, or name another place; nothing was left behind",
        )
        fail(problem, REFUSED, as_json=output.as_json)
    except AssayError as error:
        _say(error, REFUSED, as_json=output.as_json)
    finally:
        draft.unlink(missing_ok=True)
    taken = BackupTaken(
        taken_at=contents.manifest.taken_at,
        records=contents.manifest.log_size,
        octets=size,
        sealed_for="recipients" if recipients else "passphrase",
    )
    client.post("/backups/made", BackupNoted, taken)
    output.said(msgspec.json.encode(taken), f"backed up to {file}", *_told(contents))


@backup.command("keygen")
@click.argument("file", type=FILE)
@json_option
def keygen(file: Path, *, as_json: bool) -> None:
    """Make an identity in FILE, to be kept away from the service, and print the recipient that goes with it."""
    identity, recipient = generate()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        problem = Problem(
            code="notWritten", message=f"{file}: {error.strerror}", remedy="name a file that is not there"
        )
        fail(problem, WRONG_USE, as_json=as_json)
    with os.fdopen(descriptor, "w") as secret:
        secret.write(f"{identity}\n")
    Output(as_json=as_json).said(msgspec.json.encode({"recipient": recipient, "identity": str(file)}), recipient)


@backup.command("verify")
@click.argument("file", type=EXISTING)
@passphrase_option
@identity_option
@key_option
@json_option
def verify(
    file: Path, passphrase_file: Path | None, identity: Path | None, keys: tuple[Path, ...], *, as_json: bool
) -> None:
    """Read FILE whole: every segment, every count, the log against every checkpoint in it."""
    try:
        contents = verify_backup(
            file, passphrase=first_line(passphrase_file), identity=first_line(identity), verifiers=verifiers_in(keys)
        )
    except InvalidInputError as error:
        _say(error, WRONG_USE, as_json=as_json)
    except AssayError as error:
        _say(error, REFUSED, as_json=as_json)
    raw = msgspec.json.encode(
        {"ok": True, "takenAt": contents.manifest.taken_at, "records": contents.manifest.log_size}
    )
    Output(as_json=as_json).said(raw, "good", *_told(contents))


def first_line(path: Path | None) -> str:
    """The first line of a file without its end; "" for none."""
    return "" if path is None else path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")


def verifiers_in(paths: Iterable[Path]) -> tuple[Verifier, ...]:
    """The checkpoint keys in these files; raises InvalidInputError."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(parse_verifier(line) for line in lines if line.strip())


def _told(contents: Contents) -> tuple[str, ...]:
    manifest = contents.manifest
    proved = f"; {contents.proved} of them proved by the key given" if contents.proved else ""
    return (
        f"  taken {manifest.taken_at:%Y-%m-%d %H:%M:%SZ} of {manifest.base_domain}, schema {manifest.schema}",
        f"  {sum(contents.rows.values())} rows in {len(contents.rows)} tables, {manifest.log_size} records{proved}",
        f"  {contents.size / 1_000_000:.1f} MB",
    )


def _write(draft: Path, header: bytes, stream: Iterable[bytes], *, said: bool) -> int:
    """The octets written, to the disk; half a file is never under the name that was asked for."""
    size, next_said = len(header), _SAID_EVERY
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(header)
        for chunk in stream:
            file.write(chunk)
            size += len(chunk)
            if said and size >= next_said:
                free = shutil.disk_usage(draft.parent).free
                click.echo(f"{size / 1_000_000:.0f} MB written, {free / 1_000_000:.0f} MB free", err=True)
                next_said += _SAID_EVERY
        file.flush()
        os.fsync(file.fileno())
    return size


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _recipient(given: str) -> str:
    return given if given.startswith("assay-") else first_line(Path(given))


def _say(error: AssayError, code: int, *, as_json: bool) -> NoReturn:
    fail(Problem(code="refused", message=error.message, remedy=error.remedy), code, as_json=as_json)

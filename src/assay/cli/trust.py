"""`assay trust`: let this machine trust the local authority, for its own domain and nothing else; or no longer."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, WRONG_USE, fail
from assay.cli.find_service import data_directory
from assay.cli.options import data_option
from assay.cli.trust_stores import Act, TrustedAuthority, TrustStore, read_authority, stores
from assay.places import places
from assay.values import InvalidInputError

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--ca", "given", type=EXISTING, multiple=True, help="This authority.pem, brought from elsewhere.")
@click.option("--remove", is_flag=True, help="Trust it no longer.")
@click.option("--print", "printed", is_flag=True, help="Print the certificates and do nothing.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--user-only", is_flag=True, help="Only this user's browsers, not the system's store.")
@data_option
def trust(
    *, given: tuple[Path, ...], remove: bool, printed: bool, dry_run: bool, user_only: bool, data: Path | None
) -> None:
    """Let this machine's programs and browsers trust the local authority, and the next one beside it.

    The authority can speak for its own domain and what lies below it, and for no other name.
    """
    try:
        authorities = tuple(map(read_authority, given or _local(data_directory(data), remove=remove)))
    except InvalidInputError as error:
        fail(Problem(code="refused", message=error.message, remedy=error.remedy), WRONG_USE, as_json=False)
    if printed:
        for authority in authorities:
            click.echo(authority.pem.decode(), nl=False)
        return
    failed = False
    for store in stores(Path.home()):
        if user_only and store.name.startswith("system"):
            continue
        for authority in authorities:
            failed |= not _settle(store, authority, remove=remove, dry_run=dry_run)
    if shutil.which("certutil") is None and sys.platform != "darwin":
        click.echo("browsers keep stores of their own: install certutil (libnss3-tools) and run this again")
    if failed:
        sys.exit(REFUSED)


def _local(data: Path, *, remove: bool) -> tuple[Path, ...]:
    """The authorities of this data directory: in use, next, and to be removed also the one that was retired."""
    names = ("authority.pem", "next-authority.pem", *(("retired-authority.pem",) if remove else ()))
    where = places(data).certificates
    found = tuple(path for name in names for path in sorted(where.glob(f"*/{name}")))
    if not found:
        problem = Problem(
            code="noAuthority",
            message=f"there is no local authority in {where}",
            remedy="start Assay once, name its directory with --data, or bring its authority.pem and name it with --ca",
        )
        fail(problem, REFUSED, as_json=False)
    return found


def _settle(store: TrustStore, authority: TrustedAuthority, *, remove: bool, dry_run: bool) -> bool:
    """Make the store as it is wanted, or say how; False where something could not be done."""
    about = f"{authority.name} for {authority.domain}"
    if store.holds(authority) is not remove:
        click.echo(f"{store.name}: {about} is {'not there' if remove else 'trusted already'}")
        return True
    with tempfile.TemporaryDirectory() as directory:
        pem = Path(directory) / "authority.pem"
        pem.write_bytes(authority.pem)
        click.echo(f"{store.name}: {'remove' if remove else 'trust'} {about}")
        acts = store.remove(authority) if remove else store.add(authority, pem)
        return all(_do(act, dry_run=dry_run) for act in acts)


def _do(act: Act, *, dry_run: bool) -> bool:
    command = ("sudo", *act.command) if act.root and os.geteuid() != 0 else act.command
    click.echo(f"  {act.said}: {shlex.join(command)}")
    if dry_run:
        return True
    if shutil.which(command[0]) is None:
        click.echo(f"    needs root, and there is no {command[0]}: run it as root", err=True)
        return False
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        click.echo(f"    failed: {done.stdout.strip()}", err=True)
    return done.returncode == 0

"""`assay trust`: let this machine trust the local authority, for its own domain and nothing else; or no longer."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, WRONG_USE, fail
from assay.cli.find_service import data_directory
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.cli.trust_stores import Act, TrustedAuthority, TrustStore, read_authority, stores
from assay.places import places
from assay.values import InvalidInputError, Wire


class StoreShape(Wire, frozen=True, kw_only=True):
    """What became of one authority in one store: `outcome` is asWanted, done, wouldDo or failed."""

    store: str
    authority: str
    outcome: str
    said: tuple[str, ...]


class TrustShape(Wire, frozen=True, kw_only=True):
    """What `--json` prints."""

    value: tuple[StoreShape, ...]
    hint: str


EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--ca", "given", type=EXISTING, multiple=True, help="This authority.pem, brought from elsewhere.")
@click.option("--remove", is_flag=True, help="Trust it no longer.")
@click.option("--print", "printed", is_flag=True, help="Print the certificates and do nothing.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--user-only", is_flag=True, help="Only this user's browsers, not the system's store.")
@data_option
@json_option
def trust(
    *,
    given: tuple[Path, ...],
    remove: bool,
    printed: bool,
    dry_run: bool,
    user_only: bool,
    data: Path | None,
    as_json: bool,
) -> None:
    """Let this machine's programs and browsers trust the local authority, and the next one beside it.

    The authority can speak for its own domain and what lies below it, and for no other name.
    """
    try:
        found = given or _local(data_directory(data), remove=remove, as_json=as_json)
        authorities = tuple(map(read_authority, found))
    except InvalidInputError as error:
        fail(Problem(code="refused", message=error.message, remedy=error.remedy), WRONG_USE, as_json=as_json)
    output = Output(as_json=as_json)
    if printed:
        texts = tuple(authority.pem.decode() for authority in authorities)
        output.said(msgspec.json.encode({"value": texts}), *(line for text in texts for line in text.splitlines()))
        return
    settled = tuple(
        _settle(store, authority, remove=remove, dry_run=dry_run)
        for store in stores(Path.home())
        if not (user_only and store.name.startswith("system"))
        for authority in authorities
    )
    hint = ""
    if shutil.which("certutil") is None and sys.platform != "darwin":
        hint = "browsers keep stores of their own: install certutil (libnss3-tools) and run this again"
    lines = (line for each in settled for line in each.said)
    output.said(msgspec.json.encode(TrustShape(value=settled, hint=hint)), *lines, *((hint,) if hint else ()))
    if any(each.outcome == "failed" for each in settled):
        sys.exit(REFUSED)


def _local(data: Path, *, remove: bool, as_json: bool) -> tuple[Path, ...]:
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
        fail(problem, REFUSED, as_json=as_json)
    return found


def _settle(store: TrustStore, authority: TrustedAuthority, *, remove: bool, dry_run: bool) -> StoreShape:
    """Make the store as it is wanted, and say how."""
    about = f"{authority.name} for {authority.domain}"
    if store.holds(authority) is not remove:
        said = [f"{store.name}: {about} is {'not there' if remove else 'trusted already'}"]
        return StoreShape(store=store.name, authority=about, outcome="asWanted", said=tuple(said))
    said = [f"{store.name}: {'remove' if remove else 'trust'} {about}"]
    with tempfile.TemporaryDirectory() as directory:
        pem = Path(directory) / "authority.pem"
        pem.write_bytes(authority.pem)
        acts = store.remove(authority) if remove else store.add(authority, pem)
        done = all(_do(act, said, dry_run=dry_run) for act in acts)
    outcome = "failed" if not done else "wouldDo" if dry_run else "done"
    return StoreShape(store=store.name, authority=about, outcome=outcome, said=tuple(said))


def _do(act: Act, said: list[str], *, dry_run: bool) -> bool:
    """Do it, or only say it; whether it is as it should be then."""
    command = ("sudo", *act.command) if act.root and os.geteuid() != 0 else act.command
    said.append(f"  {act.said}: {shlex.join(command)}")
    if dry_run:
        return True
    if shutil.which(command[0]) is None:
        said.append(f"    needs root, and there is no {command[0]}: run it as root")
        return False
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode != 0:
        said.append(f"    failed: {ran.stdout.strip()}")
    return ran.returncode == 0

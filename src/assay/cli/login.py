"""`assay login` and `assay logout`: a token for this command line, confirmed in a browser (RFC 8628)."""

import getpass
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn

import click
import httpx
import msgspec

from assay.api.shapes.errors import Problem
from assay.api.shapes.installation import InstallationShape
from assay.cli.client import REFUSED, UNREACHABLE, WRONG_USE, Client, fail
from assay.cli.find_service import data_directory, is_running
from assay.cli.login_file import Login, forget_login, keep_login, read_login
from assay.cli.options import data_option, json_option
from assay.cli.output import Output, plain, when
from assay.cli.remote import Remote, https, place_of, unreachable
from assay.places import places
from assay.values import InvalidInputError, Value

CLIENT: Final = "assay-cli"
GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
WAITING: Final = frozenset({"authorization_pending", "slow_down"})
SLOWER: Final = 5
OK: Final = 200
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_WHY: Final = {
    "access_denied": "it was refused in the browser, or the session there has ended",
    "expired_token": "nobody confirmed the code in time",
    "slow_down": "too many codes wait to be confirmed; try again in a minute",
}


class Code(Value, frozen=True, kw_only=True):
    """RFC 8628 §3.2."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int = 5


class Token(Value, frozen=True, kw_only=True):
    """RFC 6749 §5.1, or §5.2 where `error` says why not."""

    access_token: str = ""
    expires_in: int = 0
    error: str = ""


class Named(Value, frozen=True, kw_only=True):
    """A person or a role, by name."""

    user_principal_name: str = msgspec.field(default="", name="userPrincipalName")
    display_name: str = msgspec.field(default="", name="displayName")


class Me(Value, frozen=True, kw_only=True):
    """Who is logged in, as the API says."""

    user: Named | None = None
    roles: tuple[Named, ...] = ()


@click.command()
@click.argument("url", required=False)
@click.option("--ca", type=EXISTING, help="Trust this authority.pem there, beside what this machine trusts.")
@data_option
@json_option
def login(url: str | None, ca: Path | None, data: Path | None, *, as_json: bool) -> None:
    """Log this command line in at URL; without it, at the service on this machine.

    It shows a code, which you type on the sign-in page in a browser. What it keeps works for 12 hours, for commands
    such as assay api get, until assay logout or assay sessions revoke.
    """
    try:
        base, port, authority = _where(url, ca, data, as_json=as_json)
    except InvalidInputError as error:
        fail(Problem(code="invalidInput", message=error.message, remedy=error.remedy), WRONG_USE, as_json=as_json)
    place = Login(base=base, port=port, token="", authority=authority)
    with https(authority) as http:
        code = _begin(http, place, as_json=as_json)
        minutes = code.expires_in // 60
        click.echo(f"Open      {plain(code.verification_uri)}", err=True)
        click.echo(f"and type  {plain(code.user_code)}  within {minutes} minutes.", err=True)
        click.echo("Never type a code that somebody sent you: with it they would be you.", err=True)
        token = _wait(http, place, code, as_json=as_json)
    made = Login(
        base=base,
        port=port,
        token=token.access_token,
        expires_at=datetime.now(UTC) + timedelta(seconds=token.expires_in),
        authority=authority,
    )
    try:
        me = msgspec.json.decode(Remote(made, as_json=as_json).get("/assay/me"), type=Me)
        made = msgspec.structs.replace(made, user="" if me.user is None else me.user.user_principal_name)
        keep_login(made)
    except BaseException:
        # Whatever ends the command here: no session goes on for hours whose token nobody holds.
        failed = _give_back(made)
        if failed:
            click.echo(f"assay: {_still_works(made, failed)}; end it there: assay sessions revoke", err=True)
        raise
    roles = ", ".join(role.display_name for role in me.roles)
    told = {"url": made.api_origin, "user": made.user, "expiresDateTime": made.expires_at}
    Output(as_json=as_json).said(
        msgspec.json.encode(told), f"logged in as {made.user} ({roles}) until {when(made.expires_at)}"
    )


@click.command()
@json_option
def logout(*, as_json: bool) -> None:
    """Give the token of this command line back, so that it is worth nothing, and forget it."""
    kept = read_login()
    output = Output(as_json=as_json)
    if kept is None:
        forget_login()
        output.said(b'{"loggedOut":false}', "nobody is logged in")
        return
    failed = _give_back(kept)
    forget_login()
    if failed:
        problem = Problem(
            code="unreachable",
            message=_still_works(kept, failed),
            remedy="end it there: assay sessions revoke",
        )
        fail(problem, UNREACHABLE, as_json=as_json)
    output.said(b'{"loggedOut":true}', f"logged out of {kept.api_origin}")


def _give_back(made: Login) -> str:
    """Make the token worth nothing (RFC 7009); what failed, "" where it is done."""
    try:
        with https(made.authority) as http:
            answer = http.post(f"{made.id_origin}/oauth2/revoke", data={"token": made.token, "client_id": CLIENT})
    except httpx.TransportError as error:
        return str(error)
    return "" if answer.status_code == OK else f"it answered {answer.status_code}"


def _still_works(made: Login, failed: str) -> str:
    return (
        f"the token is forgotten here, but {made.id_origin} was not told ({failed}); "
        f"it works until {when(made.expires_at)}"
    )


def _where(url: str | None, ca: Path | None, data: Path | None, *, as_json: bool) -> tuple[str, int, str]:
    """Base domain, port, and certificates to trust; raises InvalidInputError."""
    given = "" if ca is None else ca.read_text()
    if url is not None:
        base, port = place_of(url)
        kept = read_login()
        known = kept.authority if kept is not None and (kept.base, kept.port) == (base, port) else ""
        return base, port, given or known or _local_authority(base, data)
    directory = data_directory(data)
    if not is_running(directory):
        kept = read_login()
        if kept is None:
            raise InvalidInputError(
                "no service runs on this machine", remedy="say where: assay login https://id.example.com"
            )
        return kept.base, kept.port, given or kept.authority
    found, _ = Client(directory, as_json=as_json).get("/installation", InstallationShape)
    base, port = place_of(found.url)
    return base, port, given or _local_authority(base, directory)


def _local_authority(base: str, data: Path | None) -> str:
    """The own authority of an installation on this machine, "" where there is none for this domain."""
    directory = data_directory(data)
    path = places(directory).certificates / base / "authority.pem"
    try:
        return path.read_text()
    except OSError:
        return ""


def _begin(http: httpx.Client, place: Login, *, as_json: bool) -> Code:
    name = f"assay of {getpass.getuser()} on {socket.gethostname()}"
    try:
        answer = http.post(
            f"{place.id_origin}/oauth2/device_authorization", data={"client_id": CLIENT, "device_name": name}
        )
    except httpx.TransportError as error:
        unreachable(place.id_origin, error, as_json=as_json)
    if answer.status_code != OK:
        _refused(answer, place, as_json=as_json)
    try:
        return msgspec.json.decode(answer.content, type=Code)
    except msgspec.MsgspecError:
        _refused(answer, place, as_json=as_json)


def _wait(http: httpx.Client, place: Login, code: Code, *, as_json: bool) -> Token:
    """Ask until the person has answered; a network that is away for a moment ends nothing."""
    until, interval = time.monotonic() + code.expires_in, code.interval
    form = {"grant_type": GRANT, "device_code": code.device_code, "client_id": CLIENT}
    while True:
        time.sleep(interval)
        if time.monotonic() >= until:
            fail(Problem(code="expired_token", message=_WHY["expired_token"]), REFUSED, as_json=as_json)
        try:
            answer = http.post(f"{place.id_origin}/oauth2/token", data=form)
            said = msgspec.json.decode(answer.content, type=Token)
        except (httpx.TransportError, msgspec.MsgspecError):
            continue
        if said.access_token:
            return said
        if said.error not in WAITING:
            _refused(answer, place, as_json=as_json)
        interval += SLOWER if said.error == "slow_down" else 0


def _refused(answer: httpx.Response, place: Login, *, as_json: bool) -> NoReturn:
    try:
        code = msgspec.json.decode(answer.content, type=Token).error
    except msgspec.MsgspecError:
        code = ""
    message = _WHY.get(code, f"{place.id_origin} answered {answer.status_code}: is this an Assay?")
    fail(Problem(code=code or "failed", message=message, remedy="start again: assay login"), REFUSED, as_json=as_json)

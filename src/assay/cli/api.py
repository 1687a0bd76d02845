"""`assay api`: the API as it is, with the token of `assay login` or of a script."""

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, WRONG_USE, fail
from assay.cli.login_file import TOKEN_VARIABLE, URL_VARIABLE, Login
from assay.cli.remote import Remote, given_login
from assay.values import InvalidInputError


@click.group()
def api() -> None:
    """Ask the API directly, after assay login.

    Scripts set ASSAY_URL and ASSAY_TOKEN instead (assay tokens add).
    """


@api.command("get")
@click.argument("path")
@click.option("--all", "everything", is_flag=True, help="Every page of a collection, as one list.")
@click.option("--json", "as_json", is_flag=True, help="As always: it prints JSON in any case.")
def get(path: str, *, everything: bool, as_json: bool) -> None:
    """Print what is at PATH, such as /users or "/auditLogs/signIns?$top=5", as JSON."""
    del as_json
    try:
        remote = Remote(login_or_fail(as_json=True), as_json=True)
        if not everything:
            click.echo(remote.get(path))
            return
        rows = [row for page in remote.pages(path) for row in page.value]
    except InvalidInputError as error:
        fail(Problem(code="invalidInput", message=error.message, remedy=error.remedy), WRONG_USE, as_json=True)
    except msgspec.MsgspecError:
        fail(
            Problem(code="noCollection", message=f"{path} is no collection", remedy="leave --all out"),
            REFUSED,
            as_json=True,
        )
    click.echo(msgspec.json.encode({"value": rows}))


def login_or_fail(*, as_json: bool) -> Login:
    """Who is logged in; ends the command where nobody is. Raises InvalidInputError."""
    found = given_login()
    if found is None:
        problem = Problem(
            code="notLoggedIn",
            message="nobody is logged in at this command line",
            remedy=f"log in: assay login; a script sets {URL_VARIABLE} and {TOKEN_VARIABLE}",
        )
        fail(problem, REFUSED, as_json=as_json)
    return found

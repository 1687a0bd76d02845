"""The options that every command has, and the connection they lead to."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from assay.api.shapes.errors import Problem
from assay.cli.client import WRONG_USE, Client, fail
from assay.cli.find_service import DATA_VARIABLE, data_directory, is_running
from assay.cli.login_file import TOKEN_VARIABLE
from assay.cli.output import Output
from assay.values import InvalidInputError

if TYPE_CHECKING:
    from assay.cli.remote import Remote

P = ParamSpec("P")
T = TypeVar("T")

data_option = click.option(
    "--data",
    # Somebody else's is told in our own words, with what to do.
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    help=f"The data directory of the service (or {DATA_VARIABLE}).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def talks_to_service(command: Callable[Concatenate[Client, Output, P], T]) -> Callable[..., T]:
    """Give a command `--data` and `--json`, a client and an output."""

    @data_option
    @json_option
    @wraps(command)
    def connected(data: Path | None, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> T:
        client = Client(data_directory(data), as_json=as_json)
        return command(client, Output(as_json=as_json), *args, **kwargs)

    return connected


def talks_to_either(
    elsewhere: Callable[Concatenate["Remote", Output, P], T],
) -> Callable[[Callable[Concatenate[Client, Output, P], T]], Callable[..., T]]:
    """The same for a command that `elsewhere` can do over the API.

    It does so where no data directory is named, no service runs on this machine, and somebody is logged in.
    """

    def decorate(command: Callable[Concatenate[Client, Output, P], T]) -> Callable[..., T]:
        @data_option
        @json_option
        @wraps(command)
        def connected(data: Path | None, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> T:
            directory, output = data_directory(data), Output(as_json=as_json)
            named = data is not None or DATA_VARIABLE in os.environ
            try:
                if named or is_running(directory):
                    return command(Client(directory, as_json=as_json), output, *args, **kwargs)
                # Only now: what talks HTTPS takes as long to import as the rest of a command.
                from assay.cli.remote import Remote, given_login

                login = given_login()
                if login is None:
                    return command(Client(directory, as_json=as_json), output, *args, **kwargs)
                click.echo(f"assay: over {login.api_origin}, as {login.user or TOKEN_VARIABLE}", err=True)
                return elsewhere(Remote(login, as_json=as_json), output, *args, **kwargs)
            except InvalidInputError as error:
                problem = Problem(code="invalidInput", message=error.message, remedy=error.remedy)
                fail(problem, WRONG_USE, as_json=as_json)

        return connected

    return decorate

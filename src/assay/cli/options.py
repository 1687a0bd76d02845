"""The options that every command has, and the connection they lead to."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import click

from assay.cli.client import Client
from assay.cli.find_service import DATA_VARIABLE, data_directory
from assay.cli.output import Output

P = ParamSpec("P")
T = TypeVar("T")

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
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

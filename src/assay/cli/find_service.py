"""Which data directory a command means, and whether a service runs there."""

import os
import socket
from pathlib import Path
from typing import Final

import click

from assay.places import default_data, places

DATA_VARIABLE: Final = "ASSAY_DATA"


def is_running(directory: Path) -> bool:
    """Whether something accepts on the directory's admin socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(places(directory).admin_socket))
        except OSError:
            return False
    return True


def data_directory(given: Path | None) -> Path:
    """The directory that `--data` or the environment names; else the default, else a demo that runs (and says so)."""
    if given is not None:
        return given
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named)
    default, demo = default_data(demo=False), default_data(demo=True)
    if not is_running(default) and is_running(demo):
        click.echo(f"assay: this is the demo in {demo}", err=True)
        return demo
    return default

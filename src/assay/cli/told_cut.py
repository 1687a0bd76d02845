"""What a revocation ended and cut, in the same words wherever it was asked for."""

import sys

import click

from assay.cli.client import REFUSED
from assay.cli.output import Output
from assay.cli.typed import typed


def tell_cut(
    output: Output,
    raw: bytes,
    *,
    sessions: int,
    connections_cut: int,
    connections_open: int,
    milliseconds: float,
) -> None:
    """Say it; where something could not be cut the command ends with REFUSED, for scripts read no words."""
    output.said(raw, f"sessions ended: {sessions}; connections cut: {connections_cut} in {milliseconds:.1f} ms")
    if connections_open:
        click.echo(typed(f"assay: connections that could not be cut: {connections_open}; see: assay doctor"), err=True)
        sys.exit(REFUSED)

"""`assay bench cut` in small: every cause reaches every protocol, from outside."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from assay.cli.bench.cut import CAUSES, bench_cut
from assay.cli.bench.open_streams import KINDS

CUTS = 2

pytestmark = [pytest.mark.slow, pytest.mark.interop]


async def test_every_cause_reaches_every_protocol() -> None:
    with TemporaryDirectory(prefix="assay-bench-") as directory:
        found = await bench_cut(Path(directory), cuts=CUTS, rate=0, megabytes=1.0)
    assert found.complete, found.notes
    cells = {figure.name.removesuffix(": p50") for figure in found.figures if figure.detail}
    assert {f"{cause} x {kind}" for cause in CAUSES for kind in KINDS} <= cells

"""`assay up`: bad options end before anything starts."""

import pytest
from click.testing import CliRunner

from assay.cli import assay


@pytest.mark.parametrize("domain", ["bad domain", "localhost", "-a.example", "a..example", "x" * 64 + ".example", ""])
def test_what_is_no_base_domain_is_refused_before_anything_starts(domain: str) -> None:
    result = CliRunner().invoke(assay, ["up", "--base-domain", domain])
    assert result.exit_code == 2
    assert "example.com" in result.output

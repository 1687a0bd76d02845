"""What `./run fuzz filters` and `./run fuzz policies` hold, held of what they begin with; and the fuzzer runs."""

import subprocess
import sys

import pytest

from tests.policy.fuzzing import change_json, filters, policies, seeds


def test_seeds_are_read() -> None:
    """A target that reads nothing finds nothing."""
    assert all(map(filters, seeds("filters")))
    some = [content for content in seeds("policies") if b"conditions" in content][:3]
    assert len(some) == 3
    assert all(map(policies, some))
    changed = [change_json(content, seed) for content in some for seed in range(20)]
    assert sum(policies(content) for content in changed if content is not None) > 30


@pytest.mark.parametrize("name", ["filters", "policies"])
def test_the_fuzzer_runs(name: str) -> None:
    command = [sys.executable, "-m", "tests.run.fuzz_coverage", name, "-runs=100", "-seed=1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, "Done 100 runs" in ran.stderr) == (0, True), ran.stderr

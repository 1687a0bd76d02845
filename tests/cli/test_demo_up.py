"""What a demo says of the whole company that is lived beside it."""

import pytest

from assay.cli.demo_meanwhile import share_of
from assay.cli.demo_up import stopping


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("  0 %: groups, people, apps, networks and policies are made", 0),
        (" 60 %: Monday 23 November", 60),
        ("100 %: the log is verified", 100),
        ("200 people begin 14 days of work; later starts take seconds", None),
    ],
)
def test_how_far_a_line_says_it_is(line: str, share: int | None) -> None:
    assert share_of(line) == share


def test_ctrl_c_says_what_is_lost() -> None:
    assert stopping(None) == "stopping …"
    assert "the whole company was 60 % lived, and begins anew" in stopping(60)
    assert "assay demo prepare" in stopping(60)

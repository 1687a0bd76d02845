"""Every part of a policy has a block at the console, or is shown there as one that only the code changes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec

import assay.console
from assay.policy import export_policy
from tests.policy.build import one
from tests.policy.every_part import EVERY_PART

TABLE: dict[str, str] = json.loads(
    (Path(assay.console.__file__).parent / "app" / "src" / "policy" / "parts.json").read_text()
)
# What Graph says of a policy, and of which the service has its own.
TIMES = {"createdDateTime", "modifiedDateTime", "deletedDateTime"}


def paths(value: object, path: str = "") -> Iterator[str]:
    """Where something stands, down to what the table names."""
    if path in TABLE or not isinstance(value, dict):
        yield path
        return
    for key, inner in cast("dict[str, object]", value).items():
        if "@" not in key:
            yield from paths(inner, f"{path}.{key}" if path else key)


def unsaid(value: msgspec.Struct, path: str) -> Iterator[str]:
    """The fields that are as they are where nothing is said."""
    for field in msgspec.structs.fields(value):
        held, here = getattr(value, field.name), f"{path}.{field.name}"
        if isinstance(held, msgspec.Struct):
            yield from unsaid(held, here)
        elif field.default is not msgspec.NODEFAULT and held == field.default:
            yield here


def test_every_part_that_the_engine_reads_is_in_the_table_of_the_console() -> None:
    policy = one(EVERY_PART)
    assert policy.undecided == ()
    # A part that is new in the engine has to be told here, and then in the table. `All` platforms are all that are.
    assert list(unsaid(policy, "policy")) == [
        "policy.conditions.platforms.include_platforms",
        "policy.session_controls.sign_in_frequency.interval",
        "policy.undecided",
    ]
    written = export_policy(policy)
    assert set(paths(written)) == set(paths(EVERY_PART)) == set(TABLE) - TIMES
    assert set(TABLE.values()) == {"block", "code"}

"""Rollouts as they are typed: what is said of unknown ids, of drafts that are not there, and what to type next."""

import json
from pathlib import Path

import pytest

from tests.access.admin.graph import block
from tests.cli.conftest import Assay

NOBODY = "99999999-9999-4999-8999-999999999998"


def file(directory: Path, **content: object) -> str:
    path = directory / "draft.json"
    path.write_text(json.dumps({**block(), **content}))
    return str(path)


async def test_an_unknown_id_is_said_at_the_start_and_the_way_on_is_one(assay: Assay, tmp_path: Path) -> None:
    conditions = block()["conditions"]
    assert isinstance(conditions, dict)
    users = {"includeUsers": ["All"], "excludeUsers": [NOBODY]}
    draft = file(tmp_path, displayName="Wiki's new", conditions={**conditions, "users": users})
    begun = await assay.done("policy", "roll-out", "start", draft)
    assert f"unknown here: user {NOBODY}" in begun.out
    assert f"--waive {NOBODY}" in begun.out
    assert "next:" not in begun.out
    refused = await assay("policy", "roll-out", "advance", "Wiki's new", "--everyone")
    assert refused.code == 1
    assert "assay policy roll-out back NAME" in refused.err
    await assay.done("policy", "roll-out", "back", "Wiki's new")
    begun = await assay.done("policy", "roll-out", "start", draft, "--waive", NOBODY)
    assert "unknown here" not in begun.out
    name = """'Wiki'"'"'s new'"""
    assert f"next: assay policy roll-out advance {name} --group GROUP" in begun.out
    shown = await assay.done("policy", "roll-out", "show", "Wiki's new", "--json")
    assert shown.json["dangling"] == []


@pytest.mark.parametrize(
    ("draft", "more", "said"),
    [
        ("nosuch.json", (), "neither a file nor a policy 'nosuch.json'"),
        ("nosuch.json", ("--of", "Wiki"), "there is no file 'nosuch.json'"),
        (".", (), "'.' is a directory"),
    ],
)
async def test_what_is_no_draft_is_told_so(assay: Assay, draft: str, more: tuple[str, ...], said: str) -> None:
    refused = await assay("policy", "roll-out", "start", draft, *more)
    assert refused.code == 2
    assert said in refused.err


async def test_types_are_found_by_their_beginning_with_a_dot(assay: Assay, tmp_path: Path) -> None:
    await assay.done("policy", "roll-out", "start", file(tmp_path))
    assert "--code rollout." in (await assay.done("events", "search", "--code", "rollout")).out
    assert "rollout.begun" in (await assay.done("events", "search", "--code", "rollout.")).out

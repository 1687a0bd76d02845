"""`assay policy decide` as people run it: exit codes, lines in order, nothing of the machine read."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.cli.conftest import run
from tests.forked_program import ASSAY

EXAMPLES = Path(__file__).parents[2] / "examples" / "decide"
SET = ("policy", "decide", "--set", str(EXAMPLES / "set"), "--directory", str(EXAMPLES / "directory.json"))
LINES = EXAMPLES / "sign-ins.ndjson"


def example(name: str) -> str:
    return str(EXAMPLES / "sign-ins" / f"{name}.json")


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(example(name)).read_bytes())
    return found


def held(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_a_sign_in_in_words_and_as_json(tmp_path: Path) -> None:
    """Refused is decided: exit 0. Nothing is read or made where the service would keep its data."""
    ran = await run(*SET, "--sign-in", example("sign-in-risk"), data=tmp_path / "none", HOME=str(tmp_path))
    assert ran.code == 0
    assert ran.out.startswith("blocked: A risky sign-in\n  assignment: notEvaluated; conditional access: failure\n")
    assert "as expected" in ran.out
    assert held(tmp_path) == []
    found = (await run(*SET, "--sign-in", example("sign-in-risk"), "--json")).json
    assert (found["decision"], found["asExpected"], found["setProblems"]) == ("blocked", True, [])


async def test_what_cannot_be_read_ends_with_2_and_says_where() -> None:
    wrong = {"signInIdentity": {"userId": "a"}, "signInContext": {"includeApplications": ["b"]}, "signinConditons": {}}
    ran = await run(*SET, "--sign-in", "-", given=json.dumps(wrong).encode())
    assert (ran.code, ran.out) == (2, "")
    assert "standard input at signinConditons: there is no such key" in ran.err
    assert "--schema" in ran.err
    assert (await run(*SET)).code == 2
    nothing = await run("policy", "decide", "--set", str(EXAMPLES / "sign-ins"), "--sign-in", example("users"))
    assert (nothing.code, "holds no policy" in nothing.err) == (2, True)


async def test_a_set_that_is_read_in_part_ends_with_2_whatever_was_expected(tmp_path: Path) -> None:
    """Everything is refused by it: whoever expects a refusal would be none the wiser."""
    (tmp_path / "odd.json").write_text("{")
    whole = ("policy", "decide", "--set", str(EXAMPLES / "set"), "--directory", str(EXAMPLES / "directory.json"))
    ran = await run(*whole, "--set", str(tmp_path), "--sign-in", example("sign-in-risk"))
    assert (ran.code, ran.out.startswith("blocked")) == (2, True)
    assert "odd.json cannot be read: this is no JSON: " in ran.out
    assert "notJson" not in ran.out
    without = await run(*whole, "--set", str(tmp_path), "--sign-in", example("sign-in-risk"), "--leave-out-unreadable")
    assert without.code == 0


async def test_another_outcome_than_expected_ends_with_1() -> None:
    document = json.loads(LINES.read_bytes().splitlines()[0])
    assert document["expected"]["decision"] == "blocked"
    document["expected"]["decision"] = "granted"
    ran = await run(*SET, "--sign-in", "-", given=json.dumps(document).encode())
    assert (ran.code, "NOT AS EXPECTED: decision: expected granted, it is blocked" in ran.out) == (1, True)


async def test_ten_thousand_lines_are_answered_in_order_in_seconds() -> None:
    lines = LINES.read_bytes().splitlines()
    many = [lines[number % len(lines)] for number in range(9_998)]
    given = b"\n".join((*many[:5_000], b"{", *many[5_000:], b"{}"))
    began = time.perf_counter()
    ran = await run(*SET, "--many", "-", given=given)
    seconds = time.perf_counter() - began
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, len(answers)) == (2, 10_000)
    assert [answer.get("line") for answer in answers if "error" in answer] == [5_001, 10_000]
    decided = [answer for answer in answers if "error" not in answer]
    assert [answer["description"] for answer in decided] == [json.loads(line)["description"] for line in many]
    assert all(answer["asExpected"] for answer in decided)
    assert seconds < 50  # two or three on an idle machine; the bound is for what grows with the number of lines


async def test_every_line_is_answered_and_the_schema_of_answers_holds_each() -> None:
    """A line break of Windows, a mark at the beginning; what is wrong with others is said with line and place."""
    good = LINES.read_bytes().splitlines()[0]
    lines = [b"\xef\xbb\xbf" + good + b"\r", b"\r", b"[]", good[:40], b'{"a": 1, "a": 2}', b"\0", b"\xff", good]
    lines[6:6] = [good.replace(b'"signInContext"', b'"signinContxt"'), b'{"a":"\\u0000"}']
    ran = await run(*SET, "--many", "-", given=b"\n".join(lines))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    told = [(each["line"], each["error"]["code"]) if "error" in each else each["decision"] for each in answers]
    assert (ran.code, told) == (
        2,
        [
            "blocked",
            (3, "notAnObject"),
            (4, "notJson"),
            (5, "duplicateKey"),
            (6, "notJson"),
            (7, "required"),
            (8, "notJson"),
            (9, "notJson"),
            "blocked",
        ],
    )
    assert "line 7 at signInContext: this must be given" in ran.out
    published = (EXAMPLES.parents[1] / "docs" / "decision.schema.json").read_text()
    assert (await run("policy", "decide", "--answer-schema")).out == published
    whole = (await run(*SET, "--sign-in", example("control-strength"), "--json")).json
    for answer in (*answers, whole):
        jsonschema_rs.validate(json.loads(published), answer)


@pytest.mark.parametrize(
    ("closed", "arguments", "code", "said"),
    [
        ("1|head -1", ("--many", str(LINES)), 0, ""),
        (">&-", ("--many", str(LINES)), 2, "standard output cannot be written"),
        (">/dev/full", ("--many", str(LINES)), 2, "cannot be written: No space left on device"),
        (">/dev/full", ("--sign-in", example("users")), 2, "cannot be written: No space left on device"),
        ("<&-", ("--many", "-"), 2, "standard input cannot be read: it is closed"),
        ("<&-", ("--sign-in", "-", "--directory", "-"), 2, "standard input (-) can be one of them only"),
    ],
)
def test_what_is_closed_or_full_is_said_without_a_traceback(
    closed: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Whoever reads as much as they wanted has refused nothing."""
    command = " ".join((f'"{ASSAY}"', *SET, *arguments))
    shell = f"{command} {closed}" if not closed.startswith("1|") else f"{{ {command}; echo $? >&2; }} {closed[1:]}"
    ran = subprocess.run(["bash", "-c", shell], env=dict(os.environ), capture_output=True, text=True, check=False)
    ended = ran.returncode if not closed.startswith("1|") else int(ran.stderr.splitlines()[-1])
    assert (ended, said in ran.stderr, "Traceback" in ran.stderr) == (code, True, False), ran.stderr


async def test_what_if_and_the_schema() -> None:
    found = (await run(*SET, "--what-if", "--sign-in", example("sign-in-risk"), "--json")).json
    by_name = {each["displayName"]: each for each in found["value"]}  # type: ignore[attr-defined]
    assert by_name["signInRisk: high is blocked"]["policyApplies"] is True
    assert by_name["mfa"]["analysisReasons"] == "application"
    assert (await run("policy", "decide", "--schema")).json["title"] == "A sign-in for assay policy decide"


async def test_our_own_means_lead_nobody_through_terms_of_use() -> None:
    sign_in = ("--sign-in", example("control-terms-of-use"), "--json")
    assert (await run(*SET, *sign_in)).json["decision"] == "interrupted"
    ours = await run(*SET, *sign_in, "--enforced-by", "gateway")
    assert (ours.code, ours.json["decision"]) == (1, "blocked")


async def test_a_placeholder_is_mapped(tmp_path: Path) -> None:
    policy = {
        "id": "p",
        "displayName": "P",
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeGroups": ["<ExclusionTempGroup>"]},
            "applications": {"includeApplications": ["All"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    document = {
        "signInIdentity": {"userId": "ada"},
        "signInContext": {"includeApplications": ["wiki"]},
        "directory": {"users": [{"id": "ada", "memberOf": ["outside"]}]},
    }
    command = ("policy", "decide", "--set", str(tmp_path), "--sign-in", "-", "--json")
    given = json.dumps(document).encode()
    assert (await run(*command, given=given)).json["decision"] == "blocked"
    mapped = await run(*command, "--map", "<ExclusionTempGroup>=outside", given=given)
    assert mapped.json["decision"] == "granted"


async def test_the_least_that_would_let_a_sign_in_in_is_said_where_it_is_asked_for() -> None:
    """Verified by the command itself: what it says, done, is granted."""
    ran = await run(*SET, "--sign-in", example("control-strength"), "--way-in")
    assert "would let it in: proving fido2 " in ran.out
    found: dict[str, Any] = (await run(*SET, "--sign-in", example("control-strength"), "--way-in", "--json")).json
    (change,) = found["wayIn"]["changes"]
    assert (change["change"], change["subject"].partition(" ")[0]) == ("useMethod", "fido2"), "of a make that is let in"
    document = content("control-strength")
    document["satisfied"] = {
        "authenticationMethods": [{"method": "fido2", "aaguid": change["subject"].partition(" ")[2]}]
    }
    del document["expected"]
    ran = await run(*SET, "--sign-in", "-", "--way-in", "--json", given=json.dumps(document).encode())
    assert (ran.json["decision"], "wayIn" in ran.json) == ("granted", False)
    for name, said in (("sign-in-risk", {"changes": None, "exhaustive": True}), ("service-principal-risk", None)):
        ran = await run(*SET, "--sign-in", example(name), "--way-in", "--json")
        assert ran.json["wayIn"] == said
    for name, least in (
        ("terms-of-use", "accepting the terms house-rules"),
        ("compliant-device", "a compliant device"),
    ):
        ran = await run(*SET, "--sign-in", example(f"control-{name}"), "--way-in")
        assert f"would let it in: {least}\n" in ran.out, "whatever could be proved instead"

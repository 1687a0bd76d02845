"""`assay policy prove` over files, as people and as CI run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assay.cli.called import Called
from assay.cli.client import Client
from assay.cli.policy import policy
from tests.policy.build import BLOCK, MFA, graph

INVARIANTS = "invariants: [{name: two factors, who: everyone, reaches: any, requires: {strength: mfa}}]"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(policy, ["prove", *map(str, arguments)])


@pytest.fixture
def mfa(tmp_path: Path) -> Path:
    path = tmp_path / "mfa.json"
    path.write_text(json.dumps(graph("mfa", grantControls=MFA)))
    return path


def test_an_invariant_is_proved_and_a_draft_that_loses_it_is_refuted(mfa: Path, tmp_path: Path) -> None:
    invariants, draft = tmp_path / "invariants.yaml", tmp_path / "draft.json"
    invariants.write_text(INVARIANTS)
    guests = graph("mfa", grantControls=MFA, conditions={"users": {"includeUsers": ["GuestsOrExternalUsers"]}})
    draft.write_text(json.dumps(guests))
    asked = ("--set", mfa, "--invariants", invariants, "--question", "reach", "--question", "tightening")
    proved = run(*asked[:-2])
    assert (proved.exit_code, proved.output) == (0, "proved     reach: two factors\n")
    lost = run(*asked, "--draft", draft, "--json")
    answers = [json.loads(line) for line in lost.output.splitlines()]
    assert lost.exit_code == 1
    assert [(each["question"], each["result"]) for each in answers] == [("reach", "refuted"), ("tightening", "refuted")]
    assert answers[1]["findings"][0]["policies"] == ["mfa"]
    # The document is one that `decide` takes, and says the same of.
    sign_in = tmp_path / "sign-in.json"
    sign_in.write_text(json.dumps(answers[1]["findings"][0]["shown"][0]["signIn"]))
    decided = [
        CliRunner().invoke(policy, ["decide", "--set", str(path), "--sign-in", str(sign_in), "--json"])
        for path in (draft, mfa)
    ]
    assert [json.loads(each.output)["decision"] for each in decided] == ["granted", "interrupted"]


def test_a_question_that_was_named_without_what_it_needs_is_not_passed_over(mfa: Path) -> None:
    for question, needed in (("reach", "--invariants"), ("tightening", "--draft")):
        for source in (("--set", mfa), ()):
            found = run(*source, "--question", "network", "--question", question)
            assert (found.exit_code, f"{question} needs {needed} FILE" in found.output) == (2, True)
        told = run("--set", mfa, "--question", question, "--json")
        assert (told.exit_code, json.loads(told.output)["error"]["code"]) == (2, "questionNeeds")
    # Where none is named, all that can be asked is.
    assert "tightening" not in run("--set", mfa).output


def test_an_id_stays_where_no_service_says_what_it_is_called(tmp_path: Path) -> None:
    words = "in the group 3614f5fc-0000-4000-8000-000000000001"
    assert Called(Client(tmp_path, as_json=False))(words) == words


def test_a_shadowed_policy_is_told_from_those_that_cover_it(mfa: Path, tmp_path: Path) -> None:
    other = tmp_path / "block.json"
    other.write_text(json.dumps(graph("all", grantControls=BLOCK)))
    found = run("--set", tmp_path, "--question", "shadowed")
    assert found.exit_code == 1
    assert found.output.splitlines()[2:] == ["      policy: mfa", "      covered by: all"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "invariants: [{name: a, who: everyone, reaches: any, requires: never, more: 1}]",
            "line 1: an invariant has no",
        ),
        ("invariants: [{name: a, name: b, who: everyone, reaches: any, requires: never}]", "twice"),
        ("invariants:\n  - name: a\n    who: everyone\n    reaches: any\n", "line 2: an invariant needs 'requires'"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("invariants: [{name: a, who: us, reaches: any, requires: never}]", "who is to be everyone"),
        ("invariants: [{name: a, who: everyone, reaches: any, requires: {strength: strong}}]", "no strength 'strong'"),
        ("invariants: [{name: a, who: everyone, reaches: any, requires: {device: mine}}]", "device is to be one of"),
        ("invariants: []", "a list with something in it"),
        ("[" * 2000, "nested deeper"),
        ("invariants: {", "no YAML"),
        ("!!python/object/apply:os.system ['true']", "the file is to be a mapping"),
        ("#" * 70_000, "longer than"),
    ],
)
def test_what_is_wrong_with_invariants_is_said_with_its_line(text: str, said: str, mfa: Path, tmp_path: Path) -> None:
    path = tmp_path / "invariants.yaml"
    path.write_text(text)
    found = run("--set", mfa, "--invariants", path, "--question", "reach")
    assert found.exit_code == 2
    assert said in found.output


def test_with_a_file_that_cannot_be_read_nothing_is_proved(mfa: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{")
    found = run("--set", tmp_path, "--question", "network")
    assert found.exit_code == 2
    assert "--leave-out-unreadable" in found.output
    assert run("--set", tmp_path, "--leave-out-unreadable", "--question", "network").exit_code == 0


def test_what_decides_never_loads_the_solver() -> None:
    """57 MB: of a process that decides and imports all questions, none are in memory."""
    loaded = "import sys, assay.policy.proof, assay.server; print('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True).stdout == "False\n"

"""What `assay policy prove` does: reads the sets, asks, and tells each answer as soon as it is known."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn

import click
import msgspec
from msgspec.structs import replace

from assay.api.shapes.errors import Problem
from assay.cli.called import Called
from assay.cli.client import REFUSED, WRONG_USE, Client, fail
from assay.cli.decide_words import problem_lines
from assay.cli.find_service import data_directory
from assay.cli.output import plain
from assay.cli.policy_files import files_of, name_of, octets_of
from assay.policy import PolicySet, PolicyState, SourceFile, compile_policies
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.offline import GivenSet, read_set
from assay.policy.offline.given_set import UNREADABLE
from assay.policy.proof import Answer, Finding, Invariant, Result, prove, read_invariants
from assay.policy.proof.shadowed import QUESTION as SHADOWED
from assay.values import InvalidInputError, Value

EXPORT: Final = "/identity/conditionalAccess/policies/export"
WORDS: Final = {Result.PROVED: "proved", Result.REFUTED: "REFUTED", Result.NOT_KNOWN: "not known"}


class Asked(Value, frozen=True, kw_only=True):
    """The command line, read."""

    paths: tuple[Path, ...]
    drafts: tuple[Path, ...]
    questions: tuple[str, ...]
    invariants: Path | None
    mapping: Mapping[str, str]
    as_if_on: bool
    gateway: bool
    leave_out_unreadable: bool
    data: Path | None
    as_json: bool


def prove_and_tell(asked: Asked) -> int:
    """Ask everything; the exit code."""
    client = None if asked.paths else Client(data_directory(asked.data), as_json=asked.as_json)
    given = _whole(asked, _given(asked, client))
    in_force = given.compiled.policy_set
    policy_set = _with_drafts(asked, in_force) if asked.drafts else in_force
    if asked.as_if_on:
        in_force, policy_set = _on(in_force), _on(policy_set)
    invariants = _invariants(asked, policy_set)
    called = str if client is None else Called(client)
    worst = 0
    answers = prove(
        compile_policies(policy_set),
        GATEWAY if asked.gateway else EVERYTHING,
        questions=asked.questions,
        invariants=invariants,
        in_force=compile_policies(in_force) if asked.drafts else None,
    )
    for answer in answers:
        if answer.result is not Result.PROVED:
            worst = REFUSED
        if asked.as_json:
            click.echo(msgspec.json.encode(answer))
        else:
            for line in _lines(answer, called):
                click.echo(plain(line))
        sys.stdout.flush()
    return worst


def _given(asked: Asked, client: Client | None) -> GivenSet:
    if client is None:
        return _read(asked, asked.paths)
    content = client.octets(EXPORT)
    return read_set([SourceFile(name="the service", content=content)], asked.mapping)


def _read(asked: Asked, paths: tuple[Path, ...]) -> GivenSet:
    try:
        files = list(files_of(paths))
    except OSError as error:
        _unreadable(error, as_json=asked.as_json)
    return read_set(files, asked.mapping, leave_out_unreadable=asked.leave_out_unreadable)


def _whole(asked: Asked, given: GivenSet) -> GivenSet:
    """What cannot be read may be what refuses or what exempts: nothing is proved of the rest alone."""
    if not given.whole:
        bad = [problem for problem in given.problems if problem.kind == UNREADABLE]
        for line in problem_lines(tuple(bad)):
            click.echo(plain(line), err=True)
        remedy = "mend it, or prove without it: --leave-out-unreadable"
        message = f"{len(bad)} of the files cannot be read"
        fail(Problem(code="unreadable", message=message, remedy=remedy), WRONG_USE, as_json=asked.as_json)
    return given


def _with_drafts(asked: Asked, in_force: PolicySet) -> PolicySet:
    """The set as it would be: each draft in the place of the policy of its id, or else of its name."""
    draft = _whole(asked, _read(asked, asked.drafts)).compiled.policy_set
    policies = {policy.id: policy for policy in in_force.policies}
    by_name = {policy.display_name: policy.id for policy in in_force.policies}
    for policy in draft.policies:
        known = policy.id if policy.id in policies else by_name.get(policy.display_name, policy.id)
        policies[known] = replace(policy, id=known)
    locations = {location.id: location for location in in_force.locations}
    # A location that the draft names and does not bring is the one in force.
    locations |= {each.id: each for each in draft.locations if each.id not in locations or not each.undecided}
    strengths = {strength.id: strength for strength in (*in_force.strengths, *draft.strengths)}
    return PolicySet(
        policies=tuple(policies.values()), locations=tuple(locations.values()), strengths=tuple(strengths.values())
    )


def _on(policy_set: PolicySet) -> PolicySet:
    policies = (
        replace(policy, state=PolicyState.ENABLED) if policy.state is PolicyState.REPORT_ONLY else policy
        for policy in policy_set.policies
    )
    return replace(policy_set, policies=tuple(policies))


def _invariants(asked: Asked, policy_set: PolicySet) -> tuple[Invariant, ...]:
    if asked.invariants is None:
        return ()
    try:
        return read_invariants(octets_of(asked.invariants).decode(), policy_set.strengths)
    except OSError as error:
        _unreadable(error, as_json=asked.as_json)
    except (InvalidInputError, UnicodeDecodeError) as error:
        message, remedy = (error.message, error.remedy) if isinstance(error, InvalidInputError) else (str(error), "")
        problem = Problem(code="invalidInvariants", message=f"{name_of(asked.invariants)}: {message}", remedy=remedy)
        fail(problem, WRONG_USE, as_json=asked.as_json)


def _unreadable(error: OSError, *, as_json: bool) -> NoReturn:
    message, remedy = f"{error.filename} cannot be read: {error.strerror}", "check its path and who may read it"
    fail(Problem(code="unreadable", message=message, remedy=remedy), WRONG_USE, as_json=as_json)


def _lines(answer: Answer, called: Callable[[str], str]) -> Iterator[str]:
    """`called`: words with names in the place of ids."""
    yield f"{WORDS[answer.result]:10} {answer.question}: {answer.statement}"
    for why in answer.why:
        yield f"  because {why}"
    for finding in answer.findings:
        yield from _finding_lines(finding, called, first_alone=answer.question == SHADOWED)


def _finding_lines(finding: Finding, called: Callable[[str], str], *, first_alone: bool) -> Iterator[str]:
    """`first_alone`: the first of the policies is what was found, and the others demand as much."""
    yield f"  - {called(finding.words)}"
    for place, policy in enumerate(finding.policies):
        yield f"      {'covered by' if place and first_alone else 'policy'}: {policy}"
    for shown in finding.shown:
        yield f"      {shown.decision}: {called(shown.words)}"

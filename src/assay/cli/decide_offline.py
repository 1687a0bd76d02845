"""What `assay policy decide` does: read the set once, then each sign-in; errors say what, where, and what to do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import click
import msgspec
from msgspec.structs import replace

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, WRONG_USE, fail
from assay.cli.decide_words import account_lines, analysis_lines, problem_lines, problem_of, sentence_of
from assay.cli.output import plain
from assay.cli.policy_files import files_of, name_of, octets_of, standard_input, standard_output
from assay.cli.typed import typed
from assay.policy.enforcement import EVERYTHING, GATEWAY, EnforcementPoint
from assay.policy.graph_json import MalformedError
from assay.policy.importers.source import MAX_BYTES, read_json
from assay.policy.offline import (
    Account,
    Analysis,
    Directory,
    GivenSet,
    SignIn,
    account,
    analysis,
    read_directory_file,
    read_set,
    read_sign_in,
)
from assay.values import Value, Wire

DONE: Final = 0


class LineError(Wire, frozen=True, kw_only=True):
    """A line that could not be decided, in its place among the answers; the first line is 1."""

    line: int
    error: Problem


class Decider(Value, frozen=True, kw_only=True):
    """The set, compiled once, and how it is asked."""

    given: GivenSet
    directory: Directory
    enforced_by: EnforcementPoint
    way_in: bool
    what_if: bool
    as_json: bool

    @classmethod
    def of(
        cls,
        paths: tuple[Path, ...],
        mapping: Mapping[str, str],
        directory: Path | None,
        *,
        gateway: bool,
        leave_out_unreadable: bool,
        way_in: bool,
        what_if: bool,
        as_json: bool,
    ) -> "Decider":
        """Read what stays the same for every sign-in; ends the command where that cannot be read."""
        try:
            files = list(files_of(paths))
        except OSError as error:
            _unreadable(error, as_json=as_json)
        given = read_set(files, mapping, leave_out_unreadable=leave_out_unreadable)
        if not given.compiled.policy_set.policies and given.whole:
            named = ", ".join(map(name_of, paths))
            remedy = "name the directory or file that the policies were exported to"
            fail(
                Problem(code="noPolicies", message=f"{named} holds no policy", remedy=remedy),
                WRONG_USE,
                as_json=as_json,
            )
        with _ending(str(directory and name_of(directory)), as_json=as_json):
            known = read_directory_file(None if directory is None else read_json(_content(directory, as_json=as_json)))
        return cls(
            given=given,
            directory=known,
            enforced_by=GATEWAY if gateway else EVERYTHING,
            way_in=way_in,
            what_if=what_if,
            as_json=as_json,
        )

    def read(self, content: bytes) -> SignIn:
        """One sign-in; raises MalformedError."""
        return read_sign_in(read_json(content), directory=self.directory, enforced_by=self.enforced_by)

    def answer(self, sign_in: SignIn, *, one_of_many: bool) -> Account | Analysis:
        """Its answer. Of many, each says only what applies, and what is wrong with the set is said once."""
        if self.what_if:
            return analysis(self.given, sign_in, problems=not one_of_many)
        applied_only = one_of_many or sign_in.applied_policies_only
        return account(
            self.given,
            sign_in,
            sentence_of,
            applied_only=applied_only,
            problems=not one_of_many,
            way_in=self.way_in,
        )


def answer_schema_text() -> str:
    """The JSON schema of what is answered: the answer to a sign-in, or what was wrong with its line."""
    (account_of, error_of), held = msgspec.json.schema_components((Account, LineError), ref_template="#/$defs/{name}")
    for each in held.values():
        each.pop("additionalProperties", None)  # a later release may say more
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An answer of assay policy decide",
        "anyOf": [account_of, error_of],
        "$defs": held,
    }
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def decide_one(decider: Decider, path: Path) -> int:
    """Answer one sign-in; the exit code."""
    with _ending(_name(path), as_json=decider.as_json):
        sign_in = decider.read(_content(path, as_json=decider.as_json))
    found = decider.answer(sign_in, one_of_many=False)
    if decider.as_json:
        click.echo(msgspec.json.encode(found))
    else:
        for line in account_lines(found) if isinstance(found, Account) else analysis_lines(found):
            click.echo(plain(line))
    return _exit_code(decider, found)


def decide_lines(decider: Decider, path: Path) -> int:
    """Answer line by line, each as soon as it was read; the worst of their exit codes."""
    for problem in problem_lines(decider.given.problems):
        click.echo(plain(problem), err=True)
    worst, out = DONE, _output(as_json=decider.as_json)
    try:
        source = standard_input() if str(path) == "-" else path.open("rb")
    except OSError as error:
        _unreadable(error, as_json=decider.as_json)
    with source:
        for number, content in enumerate(_lines(source), 1):
            line = content.rstrip(b"\r\n")
            if not line.strip():
                continue
            found = _answer(decider, number, line)
            worst = max(worst, WRONG_USE if isinstance(found, LineError) else _exit_code(decider, found))
            out.write(msgspec.json.encode(found) + b"\n")
            out.flush()
    return worst


def _output(*, as_json: bool) -> BinaryIO:
    try:
        return standard_output()
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}"
        fail(Problem(code="unwritable", message=message, remedy="leave it open"), WRONG_USE, as_json=as_json)


def _answer(decider: Decider, number: int, line: bytes) -> Account | Analysis | LineError:
    try:
        return decider.answer(decider.read(line), one_of_many=True)
    except MalformedError as error:
        found = problem_of(error, f"line {number}")
        return LineError(line=number, error=replace(found, remedy=typed(found.remedy)))


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is too long only the beginning, which its reader refuses."""
    while content := source.readline(MAX_BYTES + 1):
        whole = content
        while len(content) > MAX_BYTES and not content.endswith(b"\n"):
            content = source.readline(MAX_BYTES + 1)
        yield whole


def _exit_code(decider: Decider, found: Account | Analysis) -> int:
    # Of a set that was read in part everything is refused: a test that expects a refusal must not pass by that.
    if not decider.given.whole:
        return WRONG_USE
    return REFUSED if isinstance(found, Account) and found.as_expected is False else DONE


def _name(path: Path) -> str:
    return "standard input" if str(path) == "-" else name_of(path)


def _content(path: Path, *, as_json: bool) -> bytes:
    try:
        return octets_of(path)
    except OSError as error:
        _unreadable(error, as_json=as_json)


def _unreadable(error: OSError, *, as_json: bool) -> NoReturn:
    problem = Problem(
        code="unreadable",
        message=f"{name_of(error.filename)} cannot be read: {error.strerror}",
        remedy="check its path and who may read it",
    )
    fail(problem, WRONG_USE, as_json=as_json)


@contextmanager
def _ending(source: str, *, as_json: bool) -> Iterator[None]:
    """End the command where a document cannot be read."""
    try:
        yield
    except MalformedError as error:
        fail(problem_of(error, source), WRONG_USE, as_json=as_json)

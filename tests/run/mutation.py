"""`./run mutation [MODULE…] [--sample N] [--seed S] [--jobs J] [--since COMMIT]`: what of the engine no test sees.

Every mutant of a module of `src/assay/policy` (`tests/run/mutants.py`) is tried against the policy tests that are to
hold it. No file is changed: a forked process that has the libraries loaded gives the mutant to whoever imports the
module. What survives is to be argued or killed (docs/mutation.md).
"""

import argparse
import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.run.mutants import Mutant, mutants, tree_of

ROOM = Path("src/assay/policy")
DOCUMENTED = ("controls", "documented", "documented_grants", "documented_results", "documented_places")
SUBJECTS = ("documented_subjects", "documented_targets", "fail_closed", "sign_in_document", "what_if")
ALL = (
    "conditions_agree",
    "undecided",
    "account",
    "rules_matched",
    *DOCUMENTED,
    *SUBJECTS,
    "strengths",
    "remembered",
    "packs_decided",
    "references",
)
DECIDED = (
    "account",
    "rules_matched",
    "conditions_agree",
    "documented_results",
    "what_if",
    "sign_in_document",
    "documented_grants",
    "documented",
)
OFFLINE = ("offline", "sign_in_document", "what_if", "conditions_agree", "packs_decided")
# Questions are asked of small sets; what they stand on has tables of its own, which are quicker.
PROOFS = ("proof/test_limits", "proof/test_questions")
TABLES = {
    "constraints": ("proof/test_constraints", "conditions_agree"),
    "invariants": ("proof/test_invariants",),
    "meaning": ("proof/test_demands", "conditions_agree"),
    "places": ("proof/test_places",),
    "shown": ("proof/test_limits", "proof/test_demands"),
    "sign_ins": ("proof/test_documents", "proof/test_demands"),
    "unseen": ("proof/test_unseen", "proof/test_questions"),
    "vocabulary": ("proof/test_vocabulary", "conditions_agree"),
    "wording": ("proof/test_wording",),
    "words": ("proof/test_words",),
}
# What is mutated, and whatever holds it beside those tests.
MODULES: dict[str, tuple[str, ...]] = {
    "controls": ALL,
    "satisfaction": ALL,
    "demands": ALL,
    "verdict": ALL,
    "compile": ALL,
    "decide": ALL,
    "memo": ALL,
    "freshness": ALL,
    "strengths": ALL,
    "undecided": ("undecided", "location_table"),
    "location_table": ("location_table", "undecided", "fail_closed", "conditions_agree", "way_in"),
    "filter_rule": ("filter_rule", *ALL),
    "filter_parser": ("filter_rule", *ALL),
    **{f"conditions/{found.stem}": ALL for found in sorted((ROOM / "conditions").glob("[!_]*.py"))},
    "way_in": ("way_in",),
    "cheapest": ("way_in",),
    "simulate": ("columns",),
    "columns": ("columns",),
    "explain": DECIDED,
    "explanation": ("what_if",),
    "judgement": DECIDED,
    "seen_conditions": DECIDED,
    "seen_controls": DECIDED,
    "what_if": ("what_if", "sign_in_document"),
    "sentence": ("sentence",),
    "affected": ("sentence",),
    "differences": ("differences",),
    "break_glass": ("break_glass",),
    "session_controls": ("validity", "import", "documented_grants"),
    "references": ("references",),
    "validity": ("validity",),
    "unenforced": ("validity",),
    "graph_json": ("undecided", "conditions_agree", "import"),
    "templates": ("templates",),
    "symbolic": ("symbolic",),
    "effect": ("effect",),
    **{
        f"importers/{found.stem}": ("import", "references", "packs_decided")
        for found in sorted((ROOM / "importers").glob("*.py"))
    },
    **{f"offline/{found.stem}": OFFLINE for found in sorted((ROOM / "offline").glob("[!_]*.py"))},
    **{f"proof/{found.stem}": TABLES.get(found.stem, PROOFS) for found in sorted((ROOM / "proof").glob("[!_]*.py"))},
}
# What draws many examples: too slow for every mutant.
LEFT_OUT = (
    "no_file_raises",
    "no_cheaper_changes",
    "no_part_of_a_policy_raises",
    "every_policy_survives_export_and_import",
    "of_generated_sets",
    "of_packs",
    "without_a_conditions_form_the_difference_shows",
    "no_published_policy_blocks_or_loosens",
    "the_explanation_names_the_built_in_policy_and_no_other",
)
LONGEST_SECONDS = 90  # for one mutant; a test run is a few seconds
NOTHING_RUN = (4, 5)  # pytest's: wrong usage, no tests
KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"


@dataclass(frozen=True)
class Trial:
    """A mutant of a module, and the tests that are to see it."""

    module: str
    mutant: Mutant
    tests: tuple[str, ...]


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one changed module to whoever imports it."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)


def _path(module: str) -> Path:
    return ROOM / f"{module}.py"


def _pytest(tests: tuple[str, ...]) -> int:
    import pytest

    files = [f"tests/policy/{name}.py" if "/" in name else f"tests/policy/test_{name}.py" for name in tests]
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--noconftest", "--assert=plain"]
    # Of no use here: a library that is loaded beforehand cannot be rewritten.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    options += ["-k", f"not ({' or '.join(LEFT_OUT)})"]
    return int(pytest.main([*options, *files]))


def _forked(work: Callable[[], int]) -> int:
    """The id of a process that does the work, says nothing, and is ended where it takes too long."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        signal.alarm(LONGEST_SECONDS)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        status = work()
    finally:
        os._exit(status)


def _try(trial: Trial) -> int:
    path = _path(trial.module)
    name = ".".join(("assay.policy", *trial.module.split("/")))
    sys.meta_path.insert(0, _Mutated(name, path.resolve(), tree_of(path.read_text(), trial.mutant)))
    return _pytest(trial.tests)


def _outcome(status: int) -> str:
    if os.WIFSIGNALED(status):
        return TIMEOUT if os.WTERMSIG(status) == signal.SIGALRM else KILLED
    if os.WEXITSTATUS(status) in NOTHING_RUN:
        raise SystemExit("run: the tests were not found; were the files changed meanwhile?")
    return KILLED if os.WEXITSTATUS(status) else SURVIVED


def _load_libraries(tests: tuple[str, ...]) -> None:
    """What the tests import that is not ours, once; and that they pass as they are."""
    reading, writing = os.pipe()

    def unchanged() -> int:
        status = _pytest(tests)
        ours = ("assay", "tests", "__main__", "_pytest", "xdist")
        os.write(writing, "\n".join(name for name in sys.modules if name.partition(".")[0] not in ours).encode())
        os.close(writing)
        return status

    _, status = os.waitpid(_forked(unchanged), 0)
    os.close(writing)
    with os.fdopen(reading) as names:
        wanted = names.read().split("\n")
    if status:
        raise SystemExit("run: the policy tests fail as they are: ./run test tests/policy")
    for name in wanted:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Loaded beforehand they pass as well: else every mutant would count as killed.
    _, status = os.waitpid(_forked(lambda: _pytest(tests)), 0)
    if status:
        raise SystemExit("run: the policy tests fail where their libraries are loaded beforehand")


def _tried(trials: list[Trial], jobs: int) -> Iterator[tuple[Trial, str]]:
    waiting, running = list(reversed(trials)), dict[int, Trial]()
    while waiting or running:
        while waiting and len(running) < jobs:
            trial = waiting.pop()
            running[_forked(lambda trial=trial: _try(trial))] = trial
        child, status = os.wait()
        yield running.pop(child), _outcome(status)


def _changed_since(commit: str) -> set[str]:
    said = subprocess.run(
        ["git", "diff", "--name-only", commit, "--", str(ROOM)], check=True, capture_output=True, text=True
    ).stdout
    return {str(Path(line).relative_to(ROOM).with_suffix("")) for line in said.split()}


def _trials(chosen: argparse.Namespace) -> list[Trial]:
    unknown = set(chosen.modules) - set(MODULES)
    if unknown:
        raise SystemExit(f"run: no such module: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    modules = chosen.modules or list(MODULES)
    if chosen.since:
        changed = _changed_since(chosen.since)
        modules = [module for module in modules if module in changed]
    draw = random.Random(chosen.seed)
    trials = []
    for module in modules:
        found = mutants(_path(module).read_text())
        if chosen.sample and chosen.sample < len(found):
            found = tuple(sorted(draw.sample(found, chosen.sample), key=lambda mutant: (mutant.node, mutant.choice)))
        trials += [Trial(module, mutant, MODULES[module]) for mutant in found]
    return trials


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./run mutation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="controls, conditions/users, …; default: all")
    parser.add_argument("--sample", type=int, default=0, help="at most so many of each module, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--since", metavar="COMMIT", help="only modules that changed since then")
    chosen = parser.parse_args(arguments)
    trials = _trials(chosen)
    began = time.monotonic()
    _load_libraries(tuple(dict.fromkeys(name for trial in trials for name in trial.tests)))
    planned = Counter(trial.module for trial in trials)
    counts: dict[str, Counter[str]] = {module: Counter() for module in planned}
    for trial, outcome in _tried(trials, chosen.jobs):
        counts[trial.module][outcome] += 1
        if outcome != KILLED:
            found = trial.mutant
            sys.stdout.write(f"{outcome} {trial.module}:{found.line}: {found.before}  →  {found.after}\n")
        count = counts[trial.module]
        if count.total() == planned[trial.module]:
            sys.stdout.write(
                f"{trial.module}: {count.total()} tried, {count[KILLED]} killed, {count[SURVIVED]} survived, "
                f"{count[TIMEOUT]} timed out\n"
            )
        sys.stdout.flush()
    sys.stdout.write(f"{len(trials)} mutants in {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

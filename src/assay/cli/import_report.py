"""The report of a policy import, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from assay.api.shapes.policies import ImportedPolicyShape, ImportReport
from assay.values import Reason

# An exported tenant has hundreds of files beside the policies; with --json each is named.
IGNORED_SHOWN: Final = 3


def report_lines(report: ImportReport, words: Mapping[str, str]) -> Iterator[str]:
    """The report, file by file; `words`: states by the names that the command line has for them."""
    for path, lines in _by_file(report, words).items():
        yield path
        yield from (f"  {line}" for line in lines)
    if len(report.ignored) > IGNORED_SHOWN:
        yield f"{len(report.ignored)} other files hold no policy, location or strength"
    for other in report.others:
        undecided = f"; not decided: {', '.join(other.undecided)}" if other.undecided else ""
        yield f"{other.kind} {other.display_name}: {other.effect}{undecided}"
    for name in report.emergency:
        yield f"{name}: names an emergency access account; no policy touches those, so it changes nothing for it"
    yield _sum(report)
    if report.refused:
        yield f"refused: {report.refused}"


def _unread(report: ImportReport) -> Iterator[tuple[str, str]]:
    if report.malformed:
        # Not above: the engine comes with it, and hardly any command has something malformed to tell.
        from assay.policy.malformed_sentences import sentence_at

        for bad in report.malformed:
            yield bad.path, sentence_at(bad.where, Reason.of(bad.code, **bad.parameters))


def _by_file(report: ImportReport, words: Mapping[str, str]) -> dict[str, list[str]]:
    by_file: dict[str, list[str]] = {}
    for policy in report.policies:
        by_file.setdefault(policy.path, []).extend(_policy(policy, words))
    said = {(policy.path, policy.display_name) for policy in report.policies}
    for row in report.files:
        if row.policy is not None and (row.path, row.policy) not in said:
            by_file.setdefault(row.path, []).append(f"{row.policy}: the same as in a file before it")
    for path, why in _unread(report):
        by_file.setdefault(path, []).append(f"cannot be read{why}")
    if len(report.ignored) <= IGNORED_SHOWN:
        for path in report.ignored:
            by_file.setdefault(path, []).append("holds no policy, location or strength")
    return by_file


def _policy(policy: ImportedPolicyShape, words: Mapping[str, str]) -> Iterator[str]:
    state = words.get(policy.state, policy.state)
    kept_back = policy.state != policy.wanted_state and not policy.rolling_out
    wanted = f" (was to be {words.get(policy.wanted_state, policy.wanted_state)})" if kept_back else ""
    yield f"{policy.display_name}: {policy.effect}, {state}{wanted}"
    if policy.rolling_out:
        yield "  left as it is: it is being rolled out (assay policy roll-out show NAME)"
    if policy.refused:
        yield f"  refused, so it stays as it is: {policy.refused}"
        yield "  to have it as report-only: assay policy import --state report-only"
    yield from (f"  the role {name}, by its name" for name in policy.roles_by_name)
    yield from (f"  not decided by this release: {path}" for path in policy.undecided)
    yield from (f"  decided, and cannot be met here: {path}" for path in policy.unenforced)
    yield from (
        f"  unknown here: {each.kind} {each.id} in {each.path}; --map {each.id}=NEW or --waive {each.id}"
        for each in policy.dangling
    )


def _sum(report: ImportReport) -> str:
    """How many of each sort there are; nothing of those that there are none of."""
    effects = [policy.effect for policy in report.policies]
    counted = [f"{effects.count(each)} {each}" for each in ("added", "changed", "unchanged") if each in effects]
    held = sum(policy.state != policy.wanted_state and not policy.rolling_out for policy in report.policies)
    refused = sum(policy.refused is not None for policy in report.policies)
    parts = [
        f"policies: {', '.join(counted) or 'none'}",
        *([f"{held} kept in report-only instead of on"] if held else []),
        *([f"{refused} refused"] if refused else []),
        "stored" if report.stored else "nothing was stored",
    ]
    return "; ".join(parts)

"""The answers of `assay policy decide`, and what is wrong with its input, in words."""

from collections.abc import Iterable, Iterator
from typing import Final

from assay.api.reason_sentences import reason_sentence
from assay.api.shapes.errors import Problem
from assay.cli.import_report import IGNORED_SHOWN
from assay.cli.way_in_words import way_in_words
from assay.policy.graph_json import MalformedError
from assay.policy.malformed_sentences import malformed_sentence
from assay.policy.offline import NOT_APPLIED_WORDS, Account, Analysis, SetProblem
from assay.policy.offline.account import UNREADABLE_SET
from assay.policy.offline.given_set import IGNORED, REPEATED, UNREADABLE
from assay.policy.offline.shapes import AppliedShape, DemandShape, SessionShape, WayInShape, WayShape
from assay.values import Reason

HELP: Final = "assay policy decide --schema prints what a document may hold; docs/decide.md says it in words"
KINDS: Final = {
    UNREADABLE: "so nothing is granted; mend it, or decide without it: --leave-out-unreadable",
    "unknownLocation": "names a location that is not in the set, so the policy may apply anywhere and refuses",
    "notDecided": "is not decided by this release, so the policy refuses where it may apply",
    REPEATED: "is the same in a file before it, and counts once",
    IGNORED: "holds no policy, location or strength",
}


def problem_of(error: MalformedError, source: str) -> Problem:
    """What is wrong, where, and what to do."""
    sentence = malformed_sentence(error)
    where = f" at {error.path}" if error.path else ""
    return Problem(code=error.reason.code, message=f"{source}{where}: {sentence}", remedy=HELP)


def sentence_of(reason: Reason) -> str:
    """A reason in words; that files cannot be read happens here alone."""
    if reason.code == UNREADABLE_SET:
        return f"Some of the set could not be read: {dict(reason.parameters)['files']}"
    return reason_sentence(reason)


def account_lines(found: Account) -> Iterator[str]:
    """The answer as people read it."""
    yield f"{found.decision}{f': {found.description}' if found.description else ''}"
    yield f"  assignment: {found.assignment}; conditional access: {found.conditional_access_status}"
    yield from (f"  reason: {reason.message} [{reason.code}]" for reason in found.reasons)
    yield from (f"  ask for: {_demand(demand)}" for demand in found.ask_for)
    if isinstance(found.way_in, WayInShape):
        yield f"  would let it in: {_way_in(found.way_in)}"
    session = ", ".join(_session(found.session_controls))
    if session:
        yield f"  session: {session}"
    applied = [each for each in found.applied_conditional_access_policies if each.result not in NOT_APPLIED_WORDS]
    others = [each for each in found.applied_conditional_access_policies if each.result in NOT_APPLIED_WORDS]
    if applied:
        yield "policies that apply:"
    yield from (line for each in applied for line in _applied(each))
    if others:
        yield "policies that do not:"
    yield from (f"  {each.result}: {each.display_name}{_why_not(each)}" for each in others)
    yield from (f"note: {note}" for note in found.notes)
    yield from problem_lines(found.set_problems)
    yield f"policy set: {found.policy_set_hash}"
    if found.as_expected is True:
        yield "as expected"
    yield from (f"NOT AS EXPECTED: {line}" for line in found.differs or ())


def _way_in(found: WayInShape) -> str:
    changes = None if found.changes is None else [(each.change, each.subject) for each in found.changes]
    return way_in_words(changes, exhaustive=found.exhaustive)


def _demand(demand: DemandShape) -> str:
    return f"{' or '.join(map(_way, demand.any_of))} (by {', '.join(demand.policies)})"


def _way(way: WayShape) -> str:
    named = way.display_name or way.subject
    subject = f" {named}" if named and way.control != "mfa" else ""
    missing = f", such as {' + '.join(way.missing)}" if way.missing else ""
    age = f", not older than {way.max_age_minutes:g} minutes" if way.max_age_minutes is not None else ""
    return f"{way.control}{subject}{missing}{age}"


def _session(found: SessionShape) -> Iterator[str]:
    if found.sign_in_frequency_minutes is not None:
        yield f"signInFrequency {found.sign_in_frequency_minutes:g} minutes"
    if found.secondary_authentication_minutes not in (None, found.sign_in_frequency_minutes):
        yield f"secondary authentication {found.secondary_authentication_minutes:g} minutes"
    for name, value in (
        ("persistentBrowser", found.persistent_browser),
        ("cloudAppSecurity", found.cloud_app_security),
        ("continuousAccessEvaluation", found.continuous_access_evaluation),
        ("networkAccessSecurity", ", ".join(found.network_access_security)),
        ("globalSecureAccessFilteringProfile", ", ".join(found.global_secure_access_filtering_profiles)),
    ):
        if value:
            yield f"{name} {value}"
    for name, held in (
        ("applicationEnforcedRestrictions", found.application_enforced_restrictions),
        ("disableResilienceDefaults", found.disable_resilience_defaults),
        ("secureSignInSession", found.secure_sign_in_session),
        ("read-only", found.read_only),
    ):
        if held:
            yield name
    if found.methods is not None:
        yield f"methods {', '.join(found.methods) or 'none'}"


def _applied(each: AppliedShape) -> Iterator[str]:
    controls = ", ".join((*each.enforced_grant_controls, *each.enforced_session_controls))
    yield f"  {each.result}: {each.display_name}{f' [{controls}]' if controls else ''}"
    if each.session_controls_not_satisfied:
        yield f"    session controls not satisfied: {', '.join(each.session_controls_not_satisfied)}"
    for rule in each.include_rules_satisfied:
        yield f"    {rule.conditional_access_condition}: {rule.rule_satisfied} {rule.value}".rstrip()
    yield from (f"    not decided: {part}" for part in each.not_decided or ())


def _why_not(each: AppliedShape) -> str:
    excluded = [f"excluded by {rule.rule_satisfied} {rule.value}" for rule in each.exclude_rules_satisfied]
    told = ", ".join((each.conditions_not_satisfied, *excluded))
    return "" if each.conditions_not_satisfied == "none" else f" ({told})"


def analysis_lines(found: Analysis) -> Iterator[str]:
    """What If as people read it."""
    for each in found.value:
        applies = "applies" if each["policyApplies"] else "does not apply"
        reason = "" if each["analysisReasons"] == "notSet" else f" ({each['analysisReasons']})"
        yield f"{applies}{reason}: {each['displayName']} [{each['state']}]"
    yield from (f"note: {note}" for note in found.notes)
    yield from problem_lines(found.set_problems)


def problem_lines(problems: Iterable[SetProblem]) -> Iterator[str]:
    """What is to be said of the set."""
    said = list(problems)
    ignored = sum(each.kind == IGNORED for each in said)
    if ignored > IGNORED_SHOWN:
        said = [each for each in said if each.kind != IGNORED]
    for each in said:
        if each.kind == UNREADABLE:
            at = f" at {each.where}" if each.where else ""
            yield f"set: {each.source} cannot be read{at}: {each.message}; {KINDS[UNREADABLE]}"
            continue
        where = " ".join(part for part in (each.where, each.detail) if part)
        who = f" {each.policy}:" if each.policy else ""
        yield f"set: {each.source}:{who} {f'{where} ' if where else ''}{KINDS.get(each.kind, each.kind)}"
    if ignored > IGNORED_SHOWN:
        yield f"set: {ignored} files hold no policy, location or strength"

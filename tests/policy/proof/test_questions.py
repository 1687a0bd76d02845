"""Each question on small sets: proved where it is so, and refuted with sign-ins of which the engine says the same."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pytest
from msgspec.structs import replace

from assay.policy import NamedLocation, PolicySet, compile_policies
from assay.policy.conditions import CONDITIONS
from assay.policy.conditions.base import ConditionName
from assay.policy.enforcement import EVERYTHING, GATEWAY
from assay.policy.offline.sign_in_document import read_sign_in
from assay.policy.proof import Answer, Result, dead, network, prove, read_invariants, uncovered
from assay.policy.proof.answer import Clause, Shown, Told
from assay.policy.proof.ground import Ground
from assay.policy.proof.meaning import Meaning
from assay.policy.proof.wording import UNSEEN, words_of
from assay.policy.symbolic import SORT, TRUE
from assay.policy.unenforced import METHODS
from assay.values import LocationId
from tests.policy.build import BLOCK, MFA, RESISTANT, graph, judge, read
from tests.policy.proof.console_words import translated

ADMINISTRATOR: Final = "62e90394-69f5-4237-9190-012177145e10"
OFFICE: Final = NamedLocation(
    id=LocationId("office"), display_name="Office", is_trusted=True, ranges=("192.0.2.0/24", "2001:db8::/32")
)
APP: Final = "00000000-0000-4000-8000-0000000000a1"
COMPLIANT: Final = {"builtInControls": ["compliantDevice"], "operator": "OR"}


def about(**conditions: object) -> dict[str, object]:
    return {"conditions": conditions}


def people(**users: object) -> dict[str, object]:
    return {"users": {"includeUsers": ["All"], **users}}


def answer_of(policy_set: PolicySet, question: str, **more: object) -> Answer:
    answers = list(prove(compile_policies(policy_set), EVERYTHING, questions=[question], **more))
    assert len(answers) == 1
    return answers[0]


def confirmed(shown: Shown, policy_set: PolicySet) -> bool:
    """Decided anew, by what the document says alone."""
    request = read_sign_in(shown.sign_in, enforced_by=EVERYTHING).request
    outcome = {"allow": "granted", "stepUp": "interrupted", "block": "blocked"}[judge(policy_set, request).outcome]
    return outcome == shown.decision


class Row(NamedTuple):
    """A question, a set, whether the statement holds, and words that are found in the answer where it does not."""

    question: str
    policies: list[dict[str, object]]
    result: Result
    words: tuple[str, ...] = ()


EVERYWHERE: Final = graph("mfa", grantControls=MFA)
AT_OFFICE: Final = {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}
FILTER: Final = {"devices": {"deviceFilter": {"mode": "exclude", "rule": 'device.model -startsWith "X1"'}}}


def attributes(rule: str, apps: Sequence[str] = ("All",)) -> dict[str, object]:
    """Apps by their custom security attributes."""
    written = rule.replace("X.", "CustomSecurityAttribute.")
    return {"includeApplications": [*apps], "applicationFilter": {"mode": "include", "rule": written}}


LABELLED: Final = {"applications": attributes('X.Set_Level -startsWith "hi"')}
TOGETHER: Final = {"users": {"includeGroups": ["one"]}, "applications": {"includeApplications": [APP]}}

REGISTERING_DEVICES: Final = {"applications": {"includeUserActions": ["urn:user:registerdevice"]}}
KEY: Final = graph("key", grantControls=RESISTANT)
NEVER_KEPT: Final = {"persistentBrowser": {"isEnabled": True, "mode": "never"}}
TIMED: Final = {"isEnabled": True, "frequencyInterval": "timeBased", "value": 1}
HOURLY: Final = {"signInFrequency": TIMED | {"type": "hours"}}
DAILY: Final = {"signInFrequency": TIMED | {"type": "days"}}
ROWS: Final = (
    Row("lock-out", [EVERYWHERE], Result.PROVED),
    Row("lock-out", [graph("all", grantControls=BLOCK)], Result.REFUTED, ("no administrator is let in",)),
    Row("lock-out", [graph("all", grantControls=BLOCK, conditions=AT_OFFICE)], Result.PROVED),
    Row(
        "lock-out",
        [graph("all", grantControls=BLOCK, conditions=people(excludeGroups=["keepers"]))],
        Result.REFUTED,
        ("only administrators in these groups can: keepers",),
    ),
    # Those in the group need fewer proofs; the others get in as well.
    Row("lock-out", [graph("mfa", grantControls=MFA, conditions=people(excludeGroups=["keepers"]))], Result.PROVED),
    Row("network", [EVERYWHERE], Result.PROVED),
    Row("network", [graph("elsewhere", grantControls=BLOCK, conditions=AT_OFFICE)], Result.PROVED),
    Row("network", [graph("mfa", grantControls=MFA, conditions=AT_OFFICE)], Result.REFUTED, ("Office",)),
    Row("dead", [EVERYWHERE], Result.PROVED),
    Row("dead", [graph("nobody", conditions={"users": {"includeUsers": ["None"]}})], Result.REFUTED, ("nobody",)),
    Row(
        "dead",
        [
            graph(
                "guests",
                conditions={
                    "users": {
                        "includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest"},
                        "excludeUsers": ["GuestsOrExternalUsers"],
                    }
                },
            )
        ],
        Result.REFUTED,
        ("guests",),
    ),
    Row("shadowed", [EVERYWHERE, graph("key", grantControls=RESISTANT, conditions=AT_OFFICE)], Result.PROVED),
    Row("shadowed", [EVERYWHERE, graph("key", grantControls=RESISTANT)], Result.REFUTED, ("mfa", "key")),
    Row("shadowed", [EVERYWHERE, graph("block", grantControls=BLOCK)], Result.REFUTED, ("mfa", "block")),
    Row("shadowed", [EVERYWHERE, graph("nothing")], Result.REFUTED, ("demands nothing at all",)),
    # What makes a difference by its session controls is not asked about, nor what no sign-in meets: that one is dead.
    Row("shadowed", [KEY, graph("kept", grantControls=MFA, sessionControls=NEVER_KEPT)], Result.PROVED),
    Row("shadowed", [KEY, EVERYWHERE], Result.REFUTED, ("mfa",)),
    Row(
        "shadowed",
        [EVERYWHERE, graph("nobody", grantControls=MFA, conditions={"users": {"includeUsers": ["None"]}})],
        Result.PROVED,
    ),
    Row("shadowed", [EVERYWHERE, graph("hourly", sessionControls=HOURLY)], Result.PROVED),
    Row("shadowed", [graph("hourly", sessionControls=HOURLY), graph("daily", sessionControls=DAILY)], Result.REFUTED),
    Row("contradictory", [EVERYWHERE, graph("key", grantControls=RESISTANT)], Result.PROVED),
    Row(
        "contradictory",
        [
            graph(
                "code",
                grantControls=COMPLIANT,
                conditions={"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
            )
        ],
        Result.REFUTED,
        ("nobody can satisfy it where it applies",),
    ),
    Row(
        "contradictory",
        [
            graph("unmanaged", grantControls=MFA, conditions=TOGETHER | FILTER),
            graph(
                "managed",
                grantControls=COMPLIANT,
                conditions={"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -ne True"}}},
            ),
        ],
        Result.REFUTED,
        ("nobody can satisfy it where it applies: it blocks managed",),
    ),
    Row(
        "uncovered",
        [
            EVERYWHERE,
            graph(
                "device",
                grantControls=MFA,
                conditions={"applications": {"includeUserActions": ["urn:user:registerdevice"]}},
            ),
        ],
        Result.PROVED,
    ),
    Row("uncovered", [EVERYWHERE], Result.REFUTED, ("the registration of a device",)),
    # To sign in again is a demand, and so is a block, and what nobody can tell the meaning of.
    *(
        Row("uncovered", [found, graph("device", grantControls=MFA, conditions=REGISTERING_DEVICES)], Result.PROVED)
        for found in (
            graph("hourly", sessionControls=HOURLY),
            graph("all", grantControls=BLOCK),
            graph("odd", grantControls={"operator": "OR", "builtInControls": ["moonPhase"]}),
        )
    ),
    Row("uncovered", [graph("kept", sessionControls=NEVER_KEPT)], Result.REFUTED),
    Row(
        "uncovered",
        [graph("mfa", grantControls=MFA, conditions=people(excludeGroups=["temps"]))],
        Result.REFUTED,
        ("in the group temps",),
    ),
    Row("uncovered", [graph("mfa", grantControls=MFA, conditions=FILTER)], Result.REFUTED, ("device.model is X1",)),
    Row("uncovered", [graph("mfa", grantControls=MFA, conditions=LABELLED)], Result.REFUTED, ("Set_Level of the app",)),
    Row("dead", [graph("mfa", grantControls=MFA, conditions=LABELLED)], Result.PROVED),
    Row(
        "shadowed", [EVERYWHERE, graph("mfa too", grantControls=MFA, conditions=LABELLED)], Result.REFUTED, ("mfa too",)
    ),
    Row(
        "dead",
        [
            graph(
                "neither",
                conditions={"applications": attributes('X.S_L -contains "a" -and -not (X.S_L -contains "a")', [])},
            )
        ],
        Result.REFUTED,
        ("neither",),
    ),
    # Of several texts one is enough: `-eq` of two can hold of one app.
    Row(
        "dead",
        [graph("both", conditions={"applications": attributes('X.S_L -eq "a" -and X.S_L -eq "b"', [])})],
        Result.PROVED,
    ),
    Row("break-glass", [graph("all", grantControls=BLOCK)], Result.PROVED),
)


DRAFTED: Final = ("lock-out", "dead", "shadowed", "contradictory", "tightening")  # what is asked about drafts


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.question}-{row.result}-{' '.join(row.words)[:24]}")
def test_questions(row: Row) -> None:
    policy_set = read(*row.policies, locations=(OFFICE,))
    answer = answer_of(policy_set, row.question)
    assert answer.result is row.result, answer
    told = " ".join(
        (*(finding.words for finding in answer.findings), *(n for f in answer.findings for n in f.policies))
    )
    assert all(words in told for words in row.words), told
    # The console says it in German: a region by its clauses, a sentence by its English.
    assert all(finding.clauses or translated(finding.words) for finding in answer.findings if row.question in DRAFTED)
    assert all(shown.clauses for finding in answer.findings for shown in finding.shown)
    if row.question != "contradictory":
        assert all(confirmed(shown, policy_set) for finding in answer.findings for shown in finding.shown)


NEVER_SEEN: Final = (
    ("contradictory", graph("device", grantControls=COMPLIANT), "nobody can satisfy it"),
    ("contradictory", graph("terms", grantControls={"operator": "OR", "termsOfUse": ["terms"]}), "nobody can satisfy"),
    ("dead", graph("risk", grantControls=MFA, conditions={"signInRiskLevels": ["high"]}), "never seen there"),
)


def test_what_is_dead_everywhere_is_not_put_down_to_our_gateway() -> None:
    nobody = compile_policies(read(graph("nobody", conditions={"users": {"includeUsers": ["None"]}})))
    for enforced_by in (GATEWAY, EVERYTHING):
        (answer,) = prove(nobody, enforced_by, questions=["dead"])
        assert [finding.words for finding in answer.findings] == [dead.NOWHERE]


@pytest.mark.parametrize(("question", "policy", "words"), NEVER_SEEN, ids=lambda value: str(value)[:40])
def test_nobody_gets_anywhere_by_what_our_gateway_never_sees(
    question: str, policy: dict[str, object], words: str
) -> None:
    compiled = compile_policies(read(policy))
    (here,) = prove(compiled, GATEWAY, questions=[question])
    assert here.result is Result.REFUTED
    assert words in here.findings[0].words
    (elsewhere,) = prove(compiled, EVERYTHING, questions=[question])
    assert elsewhere.result is Result.PROVED
    # What is seen there is as it was.
    (factors,) = prove(compile_policies(read(EVERYWHERE)), GATEWAY, questions=[question])
    assert factors.result is Result.PROVED


def test_what_nobody_can_satisfy_alone_is_not_told_again_beside_others() -> None:
    by_code = {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}
    hopeless = graph("code", grantControls=COMPLIANT, conditions=by_code)
    for policies in ((EVERYWHERE, hopeless), (hopeless, EVERYWHERE)):
        findings = answer_of(read(*policies), "contradictory").findings
        assert [finding.policies for finding in findings] == [("code",)]


def test_two_that_nobody_can_satisfy_at_once_are_both_named() -> None:
    """No terms count of direct connect (D EXT): others accept them, and what is asked of these alone is met."""
    terms = graph("terms", grantControls={"operator": "OR", "termsOfUse": ["terms"]})
    partners = {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bDirectConnectUser"}}
    direct = graph("direct", grantControls=MFA, conditions={"users": partners})
    (finding,) = answer_of(read(terms, direct, graph("key", grantControls=BLOCK)), "contradictory").findings
    assert (finding.words, finding.policies) == ("nobody can satisfy both at once", ("terms", "direct"))
    (shown,) = finding.shown
    assert shown.decision == "blocked"
    satisfied = shown.sign_in["satisfied"]
    assert isinstance(satisfied, dict)
    assert (satisfied["termsOfUse"], satisfied["passwordChange"]) == (["terms"], True)


def test_each_place_that_stands_in_for_a_proof_is_named_once() -> None:
    home = replace(OFFICE, id=LocationId("home"), display_name="Home", ranges=("198.51.100.0/24",))
    north = NamedLocation(id=LocationId("north"), display_name="North", countries=("NO",))
    outside = {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted", "north"]}}
    policy_set = read(graph("mfa", grantControls=MFA, conditions=outside), locations=(OFFICE, home, north))
    findings = answer_of(policy_set, "network").findings
    assert [finding.words.partition(":")[0] for finding in findings] == [
        "from 198.51.100.0 (Home)",
        "from 192.0.2.0 (Office)",
        "in the country NO",
    ]
    for finding in findings:
        assert [shown.decision for shown in finding.shown] == ["granted", "interrupted"]
        assert finding.policies == ("mfa",)


def test_who_is_locked_out_has_done_everything_else() -> None:
    """What is named is what refuses: not what the one who is shown might have met."""
    terms = graph("terms", grantControls={"operator": "OR", "termsOfUse": ["terms"]})
    answer = answer_of(read(EVERYWHERE, terms, graph("all", grantControls=BLOCK)), "lock-out")
    assert [finding.policies for finding in answer.findings] == [("all",)]
    (shown,) = answer.findings[0].shown
    assert f"with the role {ADMINISTRATOR}" in shown.words


def formless(policy_set: PolicySet) -> Ground:
    """As if filters of devices had no form."""
    ground = Ground(compile_policies(policy_set))
    conditions = [
        replace(each, symbolic=lambda policy, _: None if policy.conditions.devices else TRUE)
        if each.name is ConditionName.DEVICE_STATE
        else each
        for each in CONDITIONS
    ]
    ground.meaning = Meaning(
        ground.meaning.compiled, ground.vocabulary, ground.evidences, EVERYTHING, conditions=conditions
    )
    return ground


def test_an_answer_that_depends_on_something_without_a_form_keeps_it_out_of_its_regions() -> None:
    """What may hold or not stays as it was found: a region is as wide as without it."""
    rule = {"deviceFilter": {"mode": "include", "rule": 'device.model -startsWith "X1"'}}
    filtered = graph("filtered", grantControls=BLOCK, conditions={"devices": rule})
    covered = graph("mfa", grantControls=MFA, conditions=people(excludeGroups=["temps"]))
    regions = [finding.words for finding in uncovered.uncovered(formless(read(covered, filtered))).findings]
    assert any(words.endswith("in the group temps") for words in regions), regions


def test_what_has_no_symbolic_form_is_never_proved() -> None:
    filtered = read(EVERYWHERE, graph("filtered", grantControls=MFA, conditions=FILTER))
    answer = network.network(formless(filtered))
    assert (answer.result, answer.why) == (
        Result.NOT_KNOWN,
        ("filtered: devices: decided, and has no symbolic form",),
    )
    assert answer_of(filtered, "network").result is Result.PROVED


INVARIANT: Final = """
invariants:
  - name: Payroll needs a passkey on a compliant device
    who: {outside: {group: payroll-team}}
    reaches: 00000000-0000-4000-8000-0000000000a1
    requires: {strength: phishing-resistant, device: compliant}
"""
BOTH: Final = {
    "operator": "AND",
    "builtInControls": ["compliantDevice"],
    "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"},
}
PAYROLL: Final = {"applications": {"includeApplications": [APP]}}


def test_an_invariant_of_reach() -> None:
    """Proved while the policy says so; any one thing less in it, and a region is found in which it does not hold."""
    (invariant,) = read_invariants(INVARIANT)
    whole = graph("payroll", grantControls=BOTH, conditions=PAYROLL | people(excludeGroups=["payroll-team"]))
    assert answer_of(read(whole), "reach", invariants=[invariant]).result is Result.PROVED
    lacking = {
        "off": {**whole, "state": "disabled"},
        "or": {**whole, "grantControls": {**BOTH, "operator": "OR"}},
        "mfa": {**whole, "grantControls": MFA},
        "others": {**whole, "conditions": PAYROLL | people(excludeGroups=["payroll-team", "temps"])},
        "linux": {**whole, "conditions": whole["conditions"] | {"platforms": {"includePlatforms": ["windows"]}}},
    }
    for name, policy in lacking.items():
        found = read(policy)
        answer = answer_of(found, "reach", invariants=[invariant])
        assert answer.result is Result.REFUTED, name
        assert all(confirmed(shown, found) for finding in answer.findings for shown in finding.shown), name
        assert all(shown.decision == "granted" for finding in answer.findings for shown in finding.shown), name


def test_never_is_met_by_a_block_alone() -> None:
    (never,) = read_invariants(
        "invariants: [{name: no guests, who: {inside: {guests: true}}, reaches: console, requires: never}]"
    )
    guests = {"users": {"includeUsers": ["GuestsOrExternalUsers"]}}
    assert answer_of(read(graph("g", grantControls=BLOCK, conditions=guests)), "reach", invariants=[never]).result is (
        Result.PROVED
    )
    answer = answer_of(read(graph("g", grantControls=MFA, conditions=guests)), "reach", invariants=[never])
    assert answer.result is Result.REFUTED


def test_nobody_gets_in_by_what_our_gateway_never_sees() -> None:
    """What publishes asks the same of real administrators (access/lock_out.py), and refuses these as well."""
    country = NamedLocation(id=LocationId("north"), display_name="North", countries=("NO",))
    everywhere = {"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}
    rows: tuple[tuple[dict[str, object], Result], ...] = (
        (graph("device", grantControls=COMPLIANT), Result.REFUTED),
        (graph("filter", grantControls=BLOCK, conditions=FILTER), Result.REFUTED),
        (graph("terms", grantControls={"operator": "OR", "termsOfUse": ["t"]}), Result.REFUTED),
        (graph("risk", grantControls=BLOCK, conditions={"signInRiskLevels": ["none"]}), Result.REFUTED),
        (graph("risky", grantControls=BLOCK, conditions={"signInRiskLevels": ["high"]}), Result.PROVED),
        (graph("clients", grantControls=BLOCK, conditions={"clientAppTypes": ["browser"]}), Result.REFUTED),
        (graph("key", grantControls=everywhere), Result.PROVED),
        (graph("office", grantControls=BLOCK, conditions=AT_OFFICE), Result.PROVED),
        (
            graph("north", grantControls=BLOCK, conditions={"locations": {"includeLocations": ["north"]}}),
            Result.NOT_KNOWN,
        ),
    )
    for policy, result in rows:
        compiled = compile_policies(read(policy, locations=(OFFICE, country)))
        (answer,) = prove(compiled, GATEWAY, questions=["lock-out"])
        assert answer.result is result, (policy, answer)
        if result is Result.REFUTED:
            assert answer.findings[0].policies == (policy["displayName"],)


@pytest.mark.parametrize("policies", [[], [graph("mfa", grantControls=MFA, state="disabled")]], ids=["none", "off"])
def test_where_no_policy_is_on_everything_is_answered(policies: list[dict[str, object]]) -> None:
    found = {answer.question: answer.result for answer in prove(compile_policies(read(*policies)), EVERYTHING)}
    refuted = {question for question, result in found.items() if result is Result.REFUTED}
    assert refuted == {"uncovered"}
    assert Result.NOT_KNOWN not in found.values()


class Draft(NamedTuple):
    before: dict[str, object]
    after: dict[str, object]
    loosened: str | None  # words of the region; None: it only tightens


DRAFTS: Final = (
    Draft(EVERYWHERE, EVERYWHERE, None),
    Draft(EVERYWHERE, graph("mfa", grantControls=RESISTANT), None),
    Draft(graph("mfa", grantControls=RESISTANT), EVERYWHERE, "proving"),
    Draft(EVERYWHERE, graph("mfa", grantControls=BLOCK), None),
    Draft(EVERYWHERE, {**EVERYWHERE, "state": "disabled"}, "proving nothing"),
    Draft(EVERYWHERE, graph("mfa", grantControls=MFA, conditions=AT_OFFICE), "from 192.0.2.0 (Office)"),
    Draft(
        EVERYWHERE, graph("mfa", grantControls=MFA, conditions=people(excludeGroups=["temps"])), "in the group temps"
    ),
    Draft(
        graph("mfa", grantControls=MFA, conditions={"platforms": {"includePlatforms": ["all"]}}),
        graph("mfa", grantControls=MFA, conditions={"platforms": {"includePlatforms": ["windows", "macOS"]}}),
        "on anything but windows or macOS",
    ),
    Draft(
        graph("mfa", grantControls={**MFA, "operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}),
        graph("mfa", grantControls={**MFA, "operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}),
        "device",
    ),
    Draft(
        graph(
            "age",
            grantControls=MFA,
            sessionControls={
                "signInFrequency": {"isEnabled": True, "value": 1, "type": "hours", "frequencyInterval": "timeBased"}
            },
        ),
        graph(
            "age",
            grantControls=MFA,
            sessionControls={
                "signInFrequency": {"isEnabled": True, "value": 4, "type": "hours", "frequencyInterval": "timeBased"}
            },
        ),
        "60 minutes ago",
    ),
)


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.loosened or "tightens")
def test_tightening(draft: Draft) -> None:
    before, after = read(draft.before, locations=(OFFICE,)), read(draft.after, locations=(OFFICE,))
    answer = answer_of(after, "tightening", in_force=compile_policies(before))
    if draft.loosened is None:
        assert answer.result is Result.PROVED, answer
        return
    assert answer.result is Result.REFUTED
    assert any(draft.loosened in finding.words for finding in answer.findings), answer.findings
    assert all(finding.clauses for finding in answer.findings)
    # Each region once, whatever is proved in it.
    places = [tuple(each for each in finding.clauses if each.about != "proving") for finding in answer.findings]
    assert len({*places}) == len(places)
    for shown in (shown for finding in answer.findings for shown in finding.shown):
        request = read_sign_in(shown.sign_in, enforced_by=EVERYTHING).request
        assert judge(after, request).allowed
        assert not judge(before, request).allowed


def test_at_our_gateway_a_loosening_is_shown_by_what_is_seen_there() -> None:
    """And where only what is never seen there loosens, it is refuted all the same, and says so."""
    off = {**EVERYWHERE, "state": "disabled"}
    either = graph("mfa", grantControls={"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]})
    strong = graph("mfa", grantControls=RESISTANT)
    for before, after, unseen in ((strong, EVERYWHERE, False), (EVERYWHERE, off, False), (EVERYWHERE, either, True)):
        sets = [compile_policies(read(each)) for each in (after, before)]
        (answer,) = prove(sets[0], GATEWAY, questions=["tightening"], in_force=sets[1])
        assert answer.result is Result.REFUTED
        for finding in answer.findings:
            assert (UNSEEN in finding.clauses) is unseen
            assert ("never sees" in finding.words) is unseen
            proving = [value.value for each in finding.clauses if each.about == "proving" for value in each.values]
            assert unseen or set(proving) <= METHODS, finding.words
            assert not [each for each in finding.clauses if each.about == "device.registered" and not unseen]
        (back,) = prove(sets[1], GATEWAY, questions=["tightening"], in_force=sets[0])
        assert back.result is Result.PROVED


def test_sorts_of_people_are_said_with_their_article() -> None:
    for sort, said in (("member", "a member"), ("internalGuest", "an internalGuest")):
        assert words_of([Clause(about=SORT, values=(Told(value=sort),))]) == f"who is {said}"


def test_a_location_that_grew_is_a_loosening() -> None:
    policy = graph("mfa", grantControls=MFA, conditions=AT_OFFICE)
    wider = replace(OFFICE, ranges=(*OFFICE.ranges, "198.51.100.0/24"))
    before, after = read(policy, locations=(OFFICE,)), read(policy, locations=(wider,))
    answer = answer_of(after, "tightening", in_force=compile_policies(before))
    assert answer.result is Result.REFUTED
    assert "198.51.100." in answer.findings[0].words
    assert answer_of(before, "tightening", in_force=compile_policies(after)).result is Result.PROVED

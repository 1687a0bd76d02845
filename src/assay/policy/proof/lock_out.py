"""Lock-out: can an administrator still reach the console, and the pages on which methods are registered?"""

from collections.abc import Iterator
from typing import Final

from assay.policy.app_groups import groups_of_app
from assay.policy.break_glass import BREAK_GLASS_SET
from assay.policy.compile import compile_policies
from assay.policy.decision import Outcome
from assay.policy.enforcement import EnforcementPoint
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground, asked
from assay.policy.proof.solver import Assignment
from assay.policy.proof.unseen import unseen, untold
from assay.policy.request import LEGACY_CLIENT_APPS
from assay.policy.symbolic import (
    APP,
    CLIENT,
    CONTEXT,
    PERSON,
    TARGET,
    Is,
    Term,
    Thing,
    every,
    given,
    in_role,
    opposite,
    some,
)
from assay.policy.targets import CONSOLE, OWN_PAGES

QUESTION: Final = "lock-out"
STATEMENT: Final = "an administrator can reach the console and the own pages in one sign-in"
BREAK_GLASS: Final = "break-glass"
BREAK_GLASS_STATEMENT: Final = "an emergency access account with a fresh passkey is let in to whatever it asks for"
GLOBAL_ADMINISTRATOR: Final = "62e90394-69f5-4237-9190-012177145e10"  # a role template id, the same everywhere
NEEDED: Final = (CONSOLE, OWN_PAGES)


def lock_out(ground: Ground) -> Answer:
    """Proved: some person with the role can, as far as the policies tell who that may be, by what is seen there.

    Refuted: none can, whatever is proved and from wherever; what refuses is named. Found as well: that only members
    of certain groups can, for whether there are any no policy says.
    """
    solver = ground.solver()
    solver.require(every(PERSON, in_role(GLOBAL_ADMINISTRATOR)))
    solver.require(every(*(Is(name, value) for name, value in unseen(ground).items())))
    allowed = ground.meaning.allowed()
    for target in NEEDED:
        solver.require(given(allowed, _at(ground, target)))
    found = solver.plainest(tuple(name for name in ground.order if name.startswith("group ")))
    if found is None:
        return ground.answer(QUESTION, STATEMENT, [_refusing(ground)])
    decisions = [ground.decision({**found, **_at(ground, target)}) for target in NEEDED]
    if not all(decision is not None and decision.allowed for decision in decisions):
        return ground.answer(QUESTION, STATEMENT, (), (NOT_CONFIRMED,))
    groups = [name.removeprefix("group ") for name, value in found.items() if name.startswith("group ") and value]
    if not groups:
        return ground.answer(QUESTION, STATEMENT, (), untold(ground))
    words = f"only administrators in these groups can: {', '.join(groups)}; see that there is one"
    shown = ground.shown({**found, **_at(ground, CONSOLE)}, Outcome.ALLOW)
    return ground.answer(QUESTION, STATEMENT, [Finding(words=words, shown=(shown,))])


def _at(ground: Ground, target: str) -> dict[str, Thing]:
    """What is asked for, as far as dimensions say it."""
    groups = [name for name in ground.vocabulary.dimensions if name.startswith("appGroup ")]
    holding = groups_of_app(target)
    return {
        TARGET: APP + target,
        CONTEXT: None,
        **{name: name.removeprefix("appGroup ") in holding for name in groups},
    }


def _refusing(ground: Ground) -> Finding:
    """An administrator who proves everything, from a browser, and what refuses that sign-in."""
    everything: dict[str, Thing] = {
        **{name: dimension.values[0] for name, dimension in ground.vocabulary.dimensions.items()},
        **{each.dimension: 0 for each in ground.evidences.every},
        **{name: True for name in ground.vocabulary.dimensions if name.startswith("shown ")},
        f"role {GLOBAL_ADMINISTRATOR}": True,
        **unseen(ground),
    }
    for target in NEEDED:
        tried: Assignment = {**everything, **_at(ground, target)}
        decision = ground.decision(tried)
        if decision is not None and not decision.allowed:
            return Finding(
                words="no administrator is let in, whatever is proved and from wherever; for example this one is not",
                policies=tuple(each.display_name for each in decision.applied if each.result != "success"),
                shown=(ground.shown(tried, decision.outcome),),
            )
    return Finding(words="no administrator reaches both the console and the own pages in one sign-in")


def break_glass(enforced_by: EnforcementPoint) -> Answer:
    """Of the built-in policy, which alone judges these accounts, whatever was published."""

    def ask() -> Answer:
        ground = Ground(compile_policies(BREAK_GLASS_SET), enforced_by=enforced_by)
        solver = ground.solver()
        solver.require(every(PERSON, *_fresh_passkey(ground), opposite(ground.meaning.allowed())))
        solver.require(some(*(Is(TARGET, target) for target in _apps(ground))))
        found = solver.plainest(ground.order)
        if found is None:
            return ground.answer(BREAK_GLASS, BREAK_GLASS_STATEMENT, ())
        decision = ground.decision(found)
        if decision is None or decision.allowed:
            return ground.answer(BREAK_GLASS, BREAK_GLASS_STATEMENT, (), (NOT_CONFIRMED,))
        shown = ground.shown(found, decision.outcome)
        return ground.answer(BREAK_GLASS, BREAK_GLASS_STATEMENT, [Finding(words="is not let in", shown=(shown,))])

    return asked(BREAK_GLASS, BREAK_GLASS_STATEMENT, ask)


def _apps(ground: Ground) -> Iterator[str]:
    return (str(target) for target in ground.vocabulary.values(TARGET) if str(target).startswith(APP))


def _fresh_passkey(ground: Ground) -> Iterator[Term]:
    """By any client that can show a passkey, which no old one can."""
    yield some(*(each.used(0) for each in ground.evidences.every if each.proof.method == "fido2"))
    yield opposite(some(*(Is(CLIENT, client) for client in sorted(LEGACY_CLIENT_APPS))))

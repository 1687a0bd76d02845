"""What every question stands on: a set, its vocabulary and meaning, and sign-ins held against the engine."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.decision import Decision, Outcome
from assay.policy.definition import AuthenticationStrengthPolicy
from assay.policy.enforcement import EVERYTHING, EnforcementPoint
from assay.policy.filter_parser import FilterRuleError
from assay.policy.proof.answer import Answer, Finding, Result, Shown
from assay.policy.proof.meaning import Meaning
from assay.policy.proof.shown import evidences_of
from assay.policy.proof.sign_ins import decided, document
from assay.policy.proof.solver import Assignment, Solver, UndecidedError
from assay.policy.proof.vocabulary import vocabulary_of
from assay.policy.proof.wording import sign_in_clauses, words_of
from assay.policy.proof.words import TooManyError
from assay.values import Value

OUTCOMES: Final = {Outcome.ALLOW: "granted", Outcome.STEP_UP: "interrupted", Outcome.BLOCK: "blocked"}
NOT_CONFIRMED: Final = "a counterexample was found that the engine does not confirm; please report this as a fault"
TOO_MANY: Final = "the set tells more texts or certificates apart than can be looked through"


class QuestionNames(Value, frozen=True, kw_only=True):
    """Ids that a question names, beside those of the policies; strengths whole, for their limits on keys."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    strengths: tuple[AuthenticationStrengthPolicy, ...] = ()


NO_NAMES: Final = QuestionNames()


class Ground:
    """One set; `other`: a second one that it is compared with, seen by the same vocabulary.

    Raises TooManyError and FilterRuleError: then nothing about the set is known.
    """

    def __init__(
        self,
        compiled: CompiledPolicySet,
        *,
        enforced_by: EnforcementPoint = EVERYTHING,
        other: CompiledPolicySet | None = None,
        names: QuestionNames = NO_NAMES,
    ) -> None:
        sets = (compiled,) if other is None else (compiled, other)
        evidences = evidences_of((found for each in sets for found in each.policies), names.strengths)
        if evidences is None:
            raise TooManyError
        self.enforced_by = enforced_by
        self.evidences = evidences
        self.vocabulary = vocabulary_of(
            sets, evidences, users=names.users, groups=names.groups, roles=names.roles, apps=names.apps
        )
        self.meaning = Meaning(compiled, self.vocabulary, evidences, enforced_by)
        self.other = None if other is None else Meaning(other, self.vocabulary, evidences, enforced_by)

    @property
    def order(self) -> tuple[str, ...]:
        """The dimensions as a counterexample is made plain: what was proved first, who and where last."""
        names = tuple(self.vocabulary.dimensions)
        first = [name for name in names if name.startswith(("proof ", "shown "))]
        return (*first, *reversed([name for name in names if name not in first]))

    def solver(self) -> Solver:
        """Sign-ins of the vocabulary."""
        return Solver(self.vocabulary)

    def decision(self, found: Assignment, meaning: Meaning | None = None) -> Decision | None:
        """What the engine decides of a sign-in, by this set or the other."""
        compiled = (meaning or self.meaning).compiled
        return decided(compiled, document(found, self.evidences), self.enforced_by)

    def shown(self, found: Assignment, outcome: Outcome) -> Shown:
        """The sign-in as people read it."""
        clauses = sign_in_clauses(found, self.vocabulary)
        return Shown(
            words=words_of(clauses),
            decision=OUTCOMES[outcome],
            sign_in=document(found, self.evidences),
            clauses=clauses,
        )

    def answer(self, question: str, statement: str, findings: Iterable[Finding], unsure: Iterable[str] = ()) -> Answer:
        """Refuted by what was found; else proved, unless there is something that could not be told."""
        found, why = tuple(findings), tuple(unsure)
        unknown = tuple(dict.fromkeys(f"{each}: decided, and has no symbolic form" for each in self.unknown))
        if found:
            result = Result.REFUTED
        else:
            result, why = (Result.NOT_KNOWN, (*why, *unknown)) if why or unknown else (Result.PROVED, ())
        return Answer(question=question, statement=statement, result=result, findings=found, why=why)

    @property
    def unknown(self) -> Iterator[str]:
        """What of the sets has no symbolic form."""
        yield from self.meaning.unknown.values()
        yield from self.other.unknown.values() if self.other is not None else ()


def asked(question: str, statement: str, ask: Callable[[], Answer]) -> Answer:
    """The answer; where the solver or the vocabulary gives up, that it is not known."""
    try:
        return ask()
    except UndecidedError as error:
        why = f"the solver gave up: {error}"
    except TooManyError:
        why = TOO_MANY
    except FilterRuleError as error:
        why = f"a filter rule cannot be read: {error}"
    return Answer(question=question, statement=statement, result=Result.NOT_KNOWN, why=(why,))

"""Z3 behind our terms: is there a sign-in of which a term is true? The one module that knows of Z3, and loads it late.

A set's questions are propositional: each value of a dimension is one Boolean, and exactly one of them is true.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from assay.policy.symbolic import Dimension, Every, Is, Not, Some, Term, Thing, Vocabulary

if TYPE_CHECKING:
    import z3

Assignment = Mapping[str, Thing]  # a value for each dimension: one sign-in


class Found(Mapping[str, Thing]):
    """A sign-in that was found; each of its dimensions is read from Z3's model when it is first asked for."""

    def __init__(self, names: Iterable[str], read: Callable[[str], Thing]) -> None:
        self._names = tuple(names)
        self._read = read
        self._known: dict[str, Thing] = {}

    def __getitem__(self, name: str) -> Thing:
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


STEPS: Final = 20_000_000  # of Z3's own count, for one question; where it is used up the answer is "not known"


class UndecidedError(Exception):
    """The solver gave up: within its limits it could not tell."""


class Solver:
    """Sign-ins of one vocabulary, looked for by what is to be true of them."""

    def __init__(self, vocabulary: Vocabulary, *, more: Iterable[Dimension] = (), steps: int = STEPS) -> None:
        """`more`: dimensions beside those of one sign-in, such as those of a second one."""
        import z3

        self._z3 = z3
        self._context = z3.Context()
        self._solver = z3.SolverFor("QF_FD", ctx=self._context)
        self._solver.set("rlimit", steps)
        self._variables: dict[Is, z3.BoolRef] = {}
        self._known: dict[int, tuple[Term, z3.BoolRef]] = {}
        self.values = {name: dimension.values for name, dimension in vocabulary.dimensions.items()}
        self.values |= {dimension.name: dimension.values for dimension in more}
        for name, values in self.values.items():
            options = [self._variable(Is(name, value)) for value in values]
            self._solver.add(z3.PbEq([(option, 1) for option in options], 1))
        for term in vocabulary.constraints:
            self._solver.add(self._of(term))

    def require(self, term: Term) -> None:
        """From now on only sign-ins of which this is true."""
        self._solver.add(self._of(term))

    def find(self, *terms: Term) -> Assignment | None:
        """A sign-in of which all the terms are true; None: there is none. Raises UndecidedError."""
        answer = self._solver.check(*(self._of(term) for term in terms))
        if answer == self._z3.unsat:
            return None
        if answer != self._z3.sat:
            raise UndecidedError(self._solver.reason_unknown())
        model = self._solver.model()

        def read(name: str) -> Thing:
            values = self.values[name]
            holds = (value for value in values if self._z3.is_true(model.eval(self._variable(Is(name, value)))))
            return next(holds, values[0])

        return Found(self.values, read)

    def needed(self, *terms: Term) -> tuple[Term, ...] | None:
        """Some of the terms of which already no sign-in is all true; None: there is a sign-in of which all are."""
        names = {self._of(term).get_id(): term for term in terms}
        if self.find(*terms) is not None:
            return None
        return tuple(names[each.get_id()] for each in self._solver.unsat_core())

    def plainest(self, order: Iterable[str], *terms: Term) -> Assignment | None:
        """Such a sign-in that is as ordinary as can be, the dimensions in this order of importance."""
        found = self.find(*terms)
        if found is None:
            return None
        held = list(terms)
        for name in order:
            for value in self.values[name]:
                wanted = Is(name, value)
                if found[name] == value:
                    held.append(wanted)
                    break
                better = self.find(*held, wanted)
                if better is not None:
                    found = better
                    held.append(wanted)
                    break
        return found

    def _variable(self, found: Is) -> "z3.BoolRef":
        known = self._variables.get(found)
        if known is None:
            known = self._variables[found] = self._z3.Bool(f"v{len(self._variables)}", self._context)
        return known

    def _of(self, term: Term) -> "z3.BoolRef":
        known = self._known.get(id(term))
        if known is not None:
            return known[1]
        z3 = self._z3
        match term:
            case Is():
                made = self._variable(term)
            case Not():
                made = z3.Not(self._of(term.term))
            case Every():
                made = (
                    z3.And(*(self._of(each) for each in term.terms)) if term.terms else z3.BoolVal(True, self._context)
                )
            case Some():
                made = (
                    z3.Or(*(self._of(each) for each in term.terms)) if term.terms else z3.BoolVal(False, self._context)
                )
        # The term is held, so that no other is ever given its id.
        self._known[id(term)] = (term, made)
        return made

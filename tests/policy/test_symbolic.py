"""Terms over sign-ins: simplified, with some things known, of other dimensions, they mean what they meant."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import pytest

from assay.policy.location_table import LocationTable
from assay.policy.request import GuestType, UserKind
from assay.policy.symbolic import (
    FALSE,
    PERSON,
    SORTS,
    TRUE,
    Dimension,
    Every,
    Is,
    Not,
    Some,
    Term,
    Thing,
    Vocabulary,
    dimensions_of,
    every,
    given,
    handed_over,
    in_app_group,
    in_group,
    in_role,
    opposite,
    renamed,
    some,
    substituted,
    true_of,
)

A, B, C = Is("a", True), Is("b", True), Is("c", 1)
VALUES: Final[Mapping[str, tuple[Thing, ...]]] = {"a": (True, False), "b": (True, False), "c": (0, 1, 2)}
TERMS: Final[tuple[Term, ...]] = (
    TRUE,
    FALSE,
    A,
    Not(A),
    Every((A, B)),
    Every((A, Not(B), C)),
    Some((A, B)),
    Some((Not(A), C)),
    Not(Every((A, Some((B, C))))),
    Some((Every((A, B)), Every((Not(A), C)), Not(Some((B, C))))),
)


def sign_ins() -> Iterator[dict[str, Thing]]:
    for values in product(*VALUES.values()):
        yield dict(zip(VALUES, values, strict=True))


def meant(term: Term, found: Mapping[str, Thing]) -> bool:
    """What a term says, read a second way: from the inside out, without stopping early."""
    match term:
        case Is():
            return found[term.dimension] == term.value
        case Not():
            return [meant(term.term, found)] == [False]
        case Every():
            return {meant(each, found) for each in term.terms} <= {True}
        case Some():
            return True in {meant(each, found) for each in term.terms}


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_a_term_means_what_it_says_and_keeps_it_where_some_is_known(term: Term) -> None:
    for found in sign_ins():
        assert true_of(term, found) == meant(term, found)
        for names in ((), ("a",), ("b", "c"), tuple(VALUES)):
            rest = given(term, {name: found[name] for name in names})
            assert true_of(rest, found) == meant(term, found)
            assert dimensions_of(rest).isdisjoint(names)
        assert given(term, found) == (TRUE if meant(term, found) else FALSE)


@pytest.mark.parametrize("term", TERMS, ids=str)
def test_of_another_sign_in_it_is_the_same_question(term: Term) -> None:
    names = {"a": "elsewhere a", "b": "elsewhere b"}
    for found in sign_ins():
        elsewhere = {names.get(name, name): value for name, value in found.items()}
        assert true_of(renamed(term, names), elsewhere) == meant(term, found)
        swapped = substituted(term, {"a": opposite(B), "b": A})
        assert true_of(swapped, found) == meant(term, found | {"a": not found["b"], "b": found["a"]})


@pytest.mark.parametrize("one", TERMS, ids=str)
@pytest.mark.parametrize("two", TERMS, ids=str)
def test_what_terms_are_made_of_them(one: Term, two: Term) -> None:
    for found in sign_ins():
        assert true_of(every(one, two), found) == (meant(one, found) and meant(two, found))
        assert true_of(some(one, two), found) == (meant(one, found) or meant(two, found))
        assert true_of(opposite(one), found) != meant(one, found)


def test_what_says_nothing_is_left_out() -> None:
    assert (every(), some()) == (TRUE, FALSE)
    assert (every(TRUE, A), every(A, A), some(FALSE, A), some(A, A)) == (A, A, A, A)
    assert (every(A, FALSE), some(A, TRUE)) == (FALSE, TRUE)
    assert (every(A, B, A, TRUE), some(B, FALSE, A)) == (Every((A, B)), Some((B, A)))
    assert (opposite(TRUE), opposite(FALSE), opposite(Not(A)), opposite(A)) == (FALSE, TRUE, A, Not(A))


def test_of_what_a_sign_in_does_not_say_nothing_is_true() -> None:
    assert not true_of(Is("moon", None), {})
    assert true_of(Is("moon", None), {"moon": None})


def test_the_dimensions_of_a_term() -> None:
    assert dimensions_of(Some((Every((A, Not(C))), A))) == {"a", "c"}
    assert dimensions_of(TRUE) == set()


def test_a_dimension_has_one_of_the_values_for_which_something_holds() -> None:
    vocabulary = Vocabulary(
        dimensions={"c": Dimension(name="c", values=(0, 1, 2, 3))},
        constraints=(),
        locations=LocationTable(()),
        elements={},
        held_by={},
        alike={},
    )
    for wanted in ([], [1], [0, 2], [1, 2, 3], [0, 1, 2, 3]):
        term = vocabulary.where("c", lambda value, wanted=wanted: value in wanted)
        assert [true_of(term, {"c": value}) for value in range(4)] == [value in wanted for value in range(4)]
    # As short as can be, and nothing where it says nothing.
    assert vocabulary.where("c", lambda _: True) == TRUE
    assert vocabulary.where("c", lambda _: False) == FALSE
    assert vocabulary.where("c", lambda value: value != 2) == Not(Is("c", 2))
    assert vocabulary.where("c", lambda value: value in (0, 1)) == Some((Is("c", 0), Is("c", 1)))


def test_what_is_true_or_not_is_asked_by_name() -> None:
    asked = (in_group("a"), in_role("b"), in_app_group("c"), handed_over("d"))
    assert asked == (Is("group a", True), Is("role b", True), Is("appGroup c", True), Is("flow d", True))


def test_the_sorts_of_principals() -> None:
    """Graph's userType and externalUserType (X GRAPH): of its external types one alone is a member."""
    assert {sort for sort in SORTS if true_of(PERSON, {"sort": sort})} == SORTS.keys() - {
        "workloadIdentity",
        "agentIdentity",
    }
    assert {sort: kind for sort, (kind, _) in SORTS.items()} == {
        "member": UserKind.MEMBER,
        "guest": UserKind.GUEST,
        "workloadIdentity": None,
        "agentIdentity": None,
        **dict.fromkeys(GuestType, UserKind.GUEST),
        GuestType.B2B_COLLABORATION_MEMBER: UserKind.MEMBER,
    }
    assert {sort: guest for sort, (_, guest) in SORTS.items() if guest is not None} == {
        each: each for each in GuestType
    }

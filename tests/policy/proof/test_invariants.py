"""The owner's invariants as they are written, what they mean, and what is wrong with them and where."""

from typing import Final

import pytest

from assay.policy.proof.invariants import (
    DEEPEST,
    MOST_CHARACTERS,
    MOST_INVARIANTS,
    Device,
    Invariant,
    Who,
    read_invariants,
)
from assay.policy.strengths import MFA, PASSWORDLESS, PHISHING_RESISTANT
from assay.policy.targets import CONSOLE, OWN_PAGES
from assay.values import InvalidInputError

GROUP: Final = "8A5C1F1E-5A57-4C6E-9D0E-3F9F6C2B7A10"
EVERYONE: Final = Who(everyone=True)


def one(**parts: str) -> Invariant:
    """An invariant that says these parts, of the others the plainest."""
    said = {"name": "it", "who": "everyone", "reaches": "any", "requires": "never"} | parts
    (found,) = read_invariants("invariants:\n  - " + "\n    ".join(f"{key}: {text}" for key, text in said.items()))
    return found


@pytest.mark.parametrize(
    ("written", "who"),
    [
        ("everyone", EVERYONE),
        (f"{{inside: {{group: {GROUP}}}}}", Who(groups=(GROUP.lower(),))),
        ("{outside: {group: staff}}", Who(outside=True, groups=("staff",))),
        ("{outside: {role: [One, two, one]}}", Who(outside=True, roles=("one", "two", "one"))),
        ("{inside: {user: [a, a, b]}}", Who(users=("a", "b"))),
        ("{inside: {guests: true}}", Who(guests=True)),
        (
            "{inside: {group: g, role: r, user: <Me>, guests: true}}",
            Who(groups=("g",), roles=("r",), users=("<Me>",), guests=True),
        ),
    ],
)
def test_who_it_is_about(written: str, who: Who) -> None:
    assert one(who=written).who == who


@pytest.mark.parametrize(
    ("written", "apps"),
    [
        ("any", ()),
        ("[any]", ()),
        ("console", (CONSOLE,)),
        ("[Console, own-pages]", (CONSOLE, OWN_PAGES)),
        (GROUP, (GROUP.lower(),)),
        ("<Wiki>", ("<Wiki>",)),
    ],
)
def test_what_is_reached(written: str, apps: tuple[str, ...]) -> None:
    assert one(reaches=written).apps == apps


@pytest.mark.parametrize(
    ("written", "never", "strengths", "device"),
    [
        ("never", True, (), None),
        ("{strength: mfa}", False, (MFA,), None),
        ("{strength: [Passwordless, phishing-resistant]}", False, (PASSWORDLESS, PHISHING_RESISTANT), None),
        (f"{{strength: {MFA}}}", False, (MFA,), None),
        ("{device: compliant}", False, (), Device.COMPLIANT),
        ("{device: hybrid-joined}", False, (), Device.HYBRID_JOINED),
        ("{strength: mfa, device: compliant-or-hybrid-joined}", False, (MFA,), Device.EITHER),
    ],
)
def test_what_is_required(written: str, never: bool, strengths: tuple[str, ...], device: Device | None) -> None:
    found = one(requires=written)
    assert (found.never, found.strengths, found.device) == (never, strengths, device)


def test_several_each_with_its_name_and_line() -> None:
    text = "# ours\ninvariants:\n  - {name: ' a ', who: everyone, reaches: any, requires: never}\n\n"
    text += "  - name: b\n    who: everyone\n    reaches: console\n    requires: {device: compliant}\n"
    found = read_invariants(text)
    assert [(each.sentence, each.line, each.never) for each in found] == [("a", 3, True), ("b", 5, False)]


def listed(invariant: str) -> str:
    return f"invariants:\n  - {invariant}"


WRONG: Final = (
    (listed("{name: a, who: everyone, reaches: any}"), "line 2: an invariant needs 'requires'"),
    (listed("{who: everyone, reaches: any, requires: never}"), "line 2: an invariant needs 'name'"),
    (listed("{name: a, reaches: any, requires: never}"), "line 2: an invariant needs 'who'"),
    (listed("{name: a, who: everyone, requires: never}"), "line 2: an invariant needs 'reaches'"),
    (listed("{name: ' ', who: everyone, reaches: any, requires: never}"), "name is to be a text"),
    (listed("{name: ~, who: everyone, reaches: any, requires: never}"), "name is to be a text"),
    (listed("{name: [a], who: everyone, reaches: any, requires: never}"), "name is to be a text"),
    (listed("never"), "line 2: an invariant is to be a mapping with name, reaches, requires, who"),
    (listed("{name: a, who: nobody, reaches: any, requires: never}"), "who is to be everyone, or a mapping"),
    (listed("{name: a, who: {}, reaches: any, requires: never}"), "who is to say inside or outside, one of them"),
    (
        listed("{name: a, who: {inside: {group: g}, outside: {group: h}}, reaches: any, requires: never}"),
        "who is to say inside or outside, one of them",
    ),
    (listed("{name: a, who: {inside: {}}, reaches: any, requires: never}"), "inside is to name group, role, user"),
    (
        listed("{name: a, who: {outside: {group: g, guests: false}}, reaches: any, requires: never}"),
        "outside is to name group, role, user, or guests: true",
    ),
    (listed("{name: a, who: {inside: {group: []}}, reaches: any, requires: never}"), "group is to be a list with"),
    (listed("{name: a, who: everyone, reaches: [any, console], requires: never}"), "reaches is to be any, or ids"),
    (listed("{name: a, who: everyone, reaches: any, requires: always}"), "requires is to be never, or a mapping"),
    (listed("{name: a, who: everyone, reaches: any, requires: {}}"), "requires is to say strength, device, or both"),
    (listed("{name: a, who: everyone, reaches: any, requires: {strength: weak}}"), "there is no strength 'weak'"),
    (listed("{name: a, who: everyone, reaches: any, requires: {device: mine}}"), "device is to be one of compliant,"),
    (listed("{name: a, who: everyone, reaches: any, requires: never, why: x}"), "line 2: an invariant has no 'why'"),
    (listed("{name: a, name: b, who: everyone, reaches: any, requires: never}"), "an invariant has 'name' twice"),
    ("invariants: {}", "line 1: invariants is to be a list with something in it"),
    ("{}", "invariants is to be a list with something in it"),
    ("", "the file is to be a mapping with invariants"),
    ("invariants: [", "this is no YAML"),
    ("x: &x 1\ninvariants: *x", "aliases"),
)


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_invariants(text)
    assert refused.value.message.find(said) >= 0, refused.value.message
    assert "docs/proofs.md" in refused.value.remedy


def test_how_much_of_it_there_may_be() -> None:
    least = "\n  - {name: a, who: everyone, reaches: any, requires: never}"
    assert len(read_invariants("invariants:" + MOST_INVARIANTS * least)) == MOST_INVARIANTS
    with pytest.raises(InvalidInputError, match="more than 100"):
        read_invariants("invariants:" + (MOST_INVARIANTS + 1) * least)
    whole = f"invariants:{least}\n#"
    assert len(read_invariants(whole + "#" * (MOST_CHARACTERS - len(whole)))) == 1
    with pytest.raises(InvalidInputError, match="longer than 65536"):
        read_invariants(whole + "#" * (MOST_CHARACTERS - len(whole) + 1))


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_how_deep_it_may_be(brackets: str) -> None:
    """The reader of YAML takes the square of it in time; brackets that are closed again are no depth."""
    opened, closed = brackets[0], brackets[1]
    with pytest.raises(InvalidInputError, match="nested deeper than 50"):
        read_invariants("# " + opened * (DEEPEST + 1))
    for shallow in (opened * DEEPEST, (opened + closed) * 200):
        with pytest.raises(InvalidInputError, match="a mapping with invariants"):
            read_invariants(f"# {shallow}")

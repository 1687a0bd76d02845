"""User names: one canonical form, and only names that can be told apart by it."""

# ruff: noqa: RUF001  what is tested here are characters that look like others

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from assay.identities.confusables import scripts, skeleton
from assay.identities.records import users
from assay.identities.user_names import MAX_CHARACTERS, canonical, name_refusal, new_name_refusal
from assay.store import Store
from assay.values import ConflictError, InvalidInputError
from tests.identities.people import person, stored_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("STRASSE", "straße"),
        ("café", "cafe\u0301"),
        ("\uff41\uff44\uff41", "ada"),
        ("ﬁona", "fiona"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Kelvin", "\u212aelvin"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert name_refusal(one) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "userNameEmpty"),
        ("a b", "userNameCharacter"),
        ("ada\u200b", "userNameCharacter"),
        ("\u202eada", "userNameCharacter"),
        ("ada\n", "userNameCharacter"),
        ("ada\x00", "userNameCharacter"),
        ("ada/../root", "userNameCharacter"),
        ("<ada>", "userNameCharacter"),
        ("ada😀", "userNameCharacter"),
        ("\u0301ada", "userNameEnds"),
        (".ada", "userNameEnds"),
        ("ada.", "userNameEnds"),
        ("@example.com", "userNameEnds"),
        ("ada@", "userNameEnds"),
        ("a@b@c", "userNameAt"),
        ("adaאבא", "userNameDirection"),
        ("x" * (MAX_CHARACTERS + 1), "userNameTooLong"),
        ("\ufdfa" * 20, "userNameTooLong"),
    ],
)
def test_names_that_are_refused(name: str, code: str) -> None:
    refusal = name_refusal(name)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    "name", ["o'neill", "ada.lovelace+test", "a-b_c", "יוסף", "عمر", "小明", "x" * MAX_CHARACTERS, "7"]
)
def test_names_that_are_accepted(name: str) -> None:
    assert name_refusal(name) is None


@given(st.text(max_size=40))
def test_the_canonical_form_is_stable(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


@given(st.text(max_size=40))
def test_a_name_and_its_canonical_form_are_judged_alike(name: str) -> None:
    assert name_refusal(name) == name_refusal(canonical(name))


@given(st.text(alphabet="aA\u00df\u1e9e\u017fsS\u03a3\u03c3\u03c2\u03b9\u0399\u0386\u1fb3\u0130iIK\u212a", max_size=12))
def test_case_never_tells_two_names_apart(name: str) -> None:
    assert canonical(name.upper()) == canonical(name.lower()) == canonical(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("раураl", "paypal"),  # Cyrillic
        ("сосо", "coco"),  # all of it Cyrillic
        ("ΑΡΟΛΛΟ", "apoλλo"),
        ("rn", "m"),
        ("1l", "l1"),
        ("ı", "i"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    """UTS #39 §4."""
    assert skeleton(canonical(one)) == skeleton(canonical(other))


@pytest.mark.parametrize(
    ("name", "mixed"),
    [
        ("alice", False),
        ("аlice", True),  # the first letter is Cyrillic
        ("алиса", False),
        ("alice.иванова", True),
        ("αlpha", True),
        ("田中ひろし", False),
        ("tanaka田中", False),
        ("김철수金", False),
        ("김ひろし", True),
        ("naïve.o'hara_2@example.com", False),
        ("דוד", False),
    ],
)
def test_a_name_is_written_as_some_language_is(name: str, *, mixed: bool) -> None:
    refusal = new_name_refusal(name)
    assert (refusal is not None and refusal.code == "userNameScripts") is mixed
    assert name_refusal(name) is None, "who has it from before keeps it, and signs in"


def test_scripts_of_what_has_none() -> None:
    assert scripts("2026.-_'") == frozenset()


@given(st.text(max_size=40))
def test_every_text_has_a_skeleton(text: str) -> None:
    assert isinstance(skeleton(canonical(text)), str)


async def test_nobody_gets_a_name_that_looks_like_somebody_else_s(store: Store) -> None:
    await stored_person(store, "coco")
    await stored_person(store, "user1")
    await stored_person(store, "userl")  # told apart by who reads them
    with pytest.raises(ConflictError, match="looks like 'coco'"):
        await stored_person(store, "сосо")
    with pytest.raises(InvalidInputError, match="mixes scripts"):
        await stored_person(store, "сoco")
    renamed = person("bob")
    await store.write(lambda t: users.insert(t, renamed))
    with pytest.raises(ConflictError):
        await store.write(lambda t: users.update(t, replace(renamed, user_name="сосо")))
    await store.write(lambda t: users.update(t, replace(renamed, display_name="Bob B.")))


async def test_people_of_the_release_before_are_looked_at_too(store: Store) -> None:
    await stored_person(store, "coco")
    await store.write(lambda t: t.connection.execute(users.users.update().values(skeleton=None)))
    with pytest.raises(ConflictError):
        await stored_person(store, "сосо")

"""User names: one canonical form, and only names that can be told apart by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.identities.user_names import MAX_CHARACTERS, canonical, name_refusal


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

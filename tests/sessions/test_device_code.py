"""Device codes: letters that cannot be mistaken, each as likely as any other, read however they are typed."""

import secrets
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.sessions.device_code import ALPHABET, LENGTH, client_name, new_user_code, read_user_code, shown


@given(st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_what_is_shown_is_read_again_in_any_case_and_with_any_separator(code: str) -> None:
    for typed in (shown(code), shown(code).lower(), code, f" {code[:3]} {code[3:]}. "):
        assert read_user_code(typed) == code


@pytest.mark.parametrize(
    "typed", ["", "BCDF", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ1", "ßBCDFGHJ", "BCDF\u0000GHJ", "é" * 8]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_user_code(typed) is None


def test_every_letter_is_as_likely_as_any_other() -> None:
    counted = Counter("".join(new_user_code(secrets.token_bytes) for _ in range(5_000)))
    assert set(counted) == set(ALPHABET)
    # 40,000 letters, 2,000 of each expected: five standard deviations on either side.
    assert all(1_780 < count < 2_220 for count in counted.values()), counted


def test_octets_that_would_favour_some_letters_are_passed_over() -> None:
    octets = iter([bytes([255, 254, 240] * 6)[:16], bytes(range(16))])
    assert new_user_code(lambda _: next(octets)) == ALPHABET[:8]


@pytest.mark.parametrize(
    ("text", "name"), [("assay on host", "assay on host"), ("a\nb\u202ec", "abc"), ("x" * 100, "x" * 64), ("  ", "")]
)
def test_a_command_lines_own_name_is_printable_and_short(text: str, name: str) -> None:
    assert client_name(text) == name

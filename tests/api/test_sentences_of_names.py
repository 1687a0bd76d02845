"""A name that nobody can be given is refused in a sentence with what to do, never by a code."""

import pytest

from assay.api.sentences import sentence
from assay.identities.groups import group_name_refusal
from assay.identities.user_names import new_name_refusal
from assay.identities.users import display_name_refusal, email_refusal, language_refusal
from assay.values import Reason


@pytest.mark.parametrize(
    "refusal",
    [
        *(new_name_refusal(name) for name in ("", "a b", "a/b", "x" * 200, ".a", "a@b@c", "a\u05d0", "\u0430lice")),
        *(display_name_refusal(name) for name in ("", "x" * 500, "a\x00b")),
        *(group_name_refusal(name) for name in ("", "x" * 500, "a\nb")),
        email_refusal("no address"),
        language_refusal("no language"),
    ],
    ids=lambda refusal: refusal.code if refusal else "none",
)
def test_each_refusal_is_a_sentence(refusal: Reason | None) -> None:
    assert refusal is not None
    message, remedy = sentence(refusal)
    assert " " in message
    assert refusal.code not in message
    assert "{" not in message
    assert remedy

"""A remedy that names a command names what it is about, where that is known."""

import pytest

from assay.api.sentences import sentence
from assay.values import Reason

NAMED = ("rolloutOpen", "rolloutUnconfirmed", "rolloutConfirmed", "rolloutNothingNew", "rolloutMoved")


@pytest.mark.parametrize("code", NAMED)
def test_the_command_that_is_to_be_typed_is_whole(code: str) -> None:
    message, remedy = sentence(Reason.of(code, name="Require MFA"))
    assert "Require MFA" in message
    assert "'Require MFA'" in remedy
    assert "NAME" not in remedy

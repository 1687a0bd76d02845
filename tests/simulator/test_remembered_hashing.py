"""Remembering is no other answer: the same as argon2's, for what matches, what does not, and who does not exist."""

import pytest

from assay.identities.methods.password import check_password
from assay.simulator.remembered_hashing import RememberedHashing

PASSWORD = "copper-heron-lantern-olive"


@pytest.mark.parametrize("given", [PASSWORD, "copper-heron-lantern-basil", ""])
@pytest.mark.parametrize("exists", [True, False])
async def test_it_answers_what_argon2_answers_however_often_it_is_asked(given: str, exists: bool) -> None:
    hashing = RememberedHashing(1)
    try:
        stored = await hashing.hash(PASSWORD, bytes(16)) if exists else None
        answers = [await hashing.check(stored, given) for _ in range(3)]
    finally:
        hashing.close()
    assert answers == [check_password(stored, given)] * 3
    # What is stored is what anybody's password is stored as.
    assert stored is None or stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

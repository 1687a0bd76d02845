"""A derived key serves one purpose, and comes out the same on every node and after every start."""

import pytest

from assay.sealing import Derivation
from assay.values import InvalidInputError

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def test_the_same_root_and_purpose_give_the_same_key_and_nothing_else_does() -> None:
    made = [
        Derivation(roots=(root,)).key(purpose)
        for root in (OLD, NEW)
        for purpose in ("known-device.cookie", "throttle.name")
    ]
    assert len(set(made)) == 4
    # RFC 5869 with SHA-256, no salt, computed once by OpenSSL:
    # openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:00..1f -kdfopt hexinfo:... -binary HKDF
    assert made[0].hex() == "c118c69a4a0b1135ad735c2ec00017dd8f22bb83f04a7b37abda6aa2b9150bde"
    assert Derivation(roots=(OLD,)).key("known-device.cookie") == made[0]


def test_after_a_rotation_the_newest_makes_and_all_check() -> None:
    rotated = Derivation(roots=(OLD, NEW))
    assert rotated.key("p") == Derivation(roots=(NEW,)).key("p")
    assert rotated.keys("p") == (rotated.key("p"), Derivation(roots=(OLD,)).key("p"))


@pytest.mark.parametrize("roots", [(), (b"short",), (OLD, b"")])
def test_a_root_that_is_none_is_refused(roots: tuple[bytes, ...]) -> None:
    with pytest.raises(InvalidInputError):
        Derivation(roots=roots)


def test_nothing_of_it_is_shown_and_a_purpose_is_needed() -> None:
    assert OLD.hex() not in repr(Derivation(roots=(OLD,)))
    with pytest.raises(InvalidInputError):
        Derivation(roots=(OLD,)).key("")

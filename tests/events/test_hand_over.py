"""A checkpoint key that is pinned leads to its successors, and to nobody else."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assay.events import Verifier
from assay.events.hand_over import follow, hand_over

ORIGIN = "assay/id.assay.localhost"
FIRST, SECOND, THIRD, STRANGER = (Ed25519PrivateKey.generate() for _ in range(4))


def verifier(key: Ed25519PrivateKey, origin: str = ORIGIN) -> Verifier:
    return Verifier(name=origin, public=key.public_key())


def named(found: tuple[Verifier, ...]) -> set[str]:
    return {str(each) for each in found}


def test_a_pinned_key_leads_along_the_chain_in_any_order() -> None:
    one, two = hand_over(ORIGIN, FIRST, SECOND.public_key()), hand_over(ORIGIN, SECOND, THIRD.public_key())
    for text in (f"{one}\n{two}", f"{two}\n{one}", f"noise\n\n{two}garbage\n{one}"):
        assert named(follow([verifier(FIRST)], text)) == named((verifier(FIRST), verifier(SECOND), verifier(THIRD)))
    assert named(follow([verifier(SECOND)], f"{one}\n{two}")) == named((verifier(SECOND), verifier(THIRD)))


def test_nobody_but_the_old_key_names_its_successor() -> None:
    own = hand_over(ORIGIN, STRANGER, THIRD.public_key())
    # A stranger's note that claims to be of the first key: the names are swapped, the signature is the stranger's.
    claimed = own.replace(str(verifier(STRANGER)), str(verifier(FIRST)))
    genuine = hand_over(ORIGIN, FIRST, SECOND.public_key())
    other_successor = genuine.replace(str(verifier(SECOND)), str(verifier(STRANGER)))
    other_log = hand_over("assay/id.other.example", FIRST, SECOND.public_key())
    for text in (own, claimed, other_successor, other_log):
        assert named(follow([verifier(FIRST)], text)) == {str(verifier(FIRST))}, text


@given(position=st.integers(min_value=0), bit=st.integers(0, 6))
def test_a_changed_note_leads_nowhere_new(position: int, bit: int) -> None:
    note = bytearray(hand_over(ORIGIN, FIRST, SECOND.public_key()).encode())
    note[position % len(note)] ^= 1 << bit
    text = note.decode("utf-8", "replace")
    assert named(follow([verifier(FIRST)], text)) <= named((verifier(FIRST), verifier(SECOND)))

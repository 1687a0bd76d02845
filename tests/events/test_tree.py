"""The Merkle tree, held equal to RFC 6962's own recursive definitions."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.events.tree import (
    EMPTY_ROOT,
    Frontier,
    append,
    consistency_proof,
    inclusion_proof,
    root,
    root_of,
    salted_leaf,
    verify_consistency,
    verify_inclusion,
)
from assay.values import InvalidInputError

LEAVES = [sha256(str(number).encode()).digest() for number in range(130)]


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over hashes of leaves."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def subtree(start: int, end: int) -> bytes:
    return mth(LEAVES[start:end])


def test_every_root_is_that_of_the_definition() -> None:
    frontier = Frontier()
    assert root(frontier) == EMPTY_ROOT == mth([])
    for size, leaf in enumerate(LEAVES, start=1):
        frontier = append(frontier, leaf)
        assert frontier.size == size
        assert root(frontier) == mth(LEAVES[:size]) == root_of(LEAVES[:size])


def test_the_published_test_vector() -> None:
    """Certificate Transparency's reference tree of eight leaves (google/certificate-transparency, merkle tests)."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [salted_leaf(b"", bytes.fromhex(text)) for text in inputs]
    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.data())
def test_inclusion_is_proved_and_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 130))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree)
    expected = mth(LEAVES[:size])
    assert verify_inclusion(LEAVES[index], index, size, proof, expected)
    other = data.draw(st.integers(0, 129).filter(lambda number: number != index))
    assert not verify_inclusion(LEAVES[other], index, size, proof, expected)
    assert not verify_inclusion(LEAVES[index], other, size, proof, expected)
    assert not verify_inclusion(LEAVES[index], index, size, (*proof, proof[0] if proof else expected), expected)
    if proof:
        assert not verify_inclusion(LEAVES[index], index, size, proof[:-1], expected)


@given(st.data())
def test_consistency_is_proved_and_nothing_else(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 130))
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, subtree)
    old_root, new_root = mth(LEAVES[:old]), mth(LEAVES[:new])
    assert verify_consistency(old, new, old_root, new_root, proof)
    rewritten = mth([sha256(b"evil").digest(), *LEAVES[1:old]])
    assert not verify_consistency(old, new, rewritten, new_root, proof)
    assert not verify_consistency(old, new, old_root, rewritten if old < new else b"", proof)
    if proof:
        assert not verify_consistency(old, new, old_root, new_root, proof[:-1])
        assert not verify_consistency(old, new, old_root, new_root, (*proof, proof[0]))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        Frontier(size=3, hashes=(LEAVES[0],))
    with pytest.raises(InvalidInputError):
        inclusion_proof(1, 1, subtree)
    with pytest.raises(InvalidInputError):
        consistency_proof(2, 1, subtree)
    assert not verify_inclusion(LEAVES[0], 1, 1, (), LEAVES[0])
    assert not verify_consistency(0, 1, EMPTY_ROOT, LEAVES[0], ())

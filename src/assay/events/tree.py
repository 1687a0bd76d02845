"""The Merkle tree of RFC 6962 §2.1 (and RFC 9162): append with a frontier, root, proofs and their verification."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final

from assay.values import InvalidInputError, Value

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

# The hash of the subtree over leaves [start, end); who holds the leaves supplies it.
SubtreeHash = Callable[[int, int], bytes]


class Frontier(Value, frozen=True, kw_only=True):
    """A tree of `size` leaves, kept as the roots of its perfect subtrees, largest first (one per set bit of size)."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise InvalidInputError(f"a tree of {self.size} leaves cannot have {len(self.hashes)} subtrees")


def salted_leaf(salt: bytes, content: bytes) -> bytes:
    """The hash of a leaf; the salt keeps content that was erased from being guessed out of its hash."""
    return sha256(b"\x00" + salt + content).digest()


def interior(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def append(frontier: Frontier, leaf: bytes) -> Frontier:
    """The tree with one leaf more; one hash on average, log2(size) at most."""
    hashes = list(frontier.hashes)
    size = frontier.size
    while size & 1:
        leaf = interior(hashes.pop(), leaf)
        size >>= 1
    return Frontier(size=frontier.size + 1, hashes=(*hashes, leaf))


def root(frontier: Frontier) -> bytes:
    """The tree's root."""
    if not frontier.hashes:
        return EMPTY_ROOT
    result = frontier.hashes[-1]
    for left in reversed(frontier.hashes[:-1]):
        result = interior(left, result)
    return result


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = append(frontier, leaf)
    return root(frontier)


def inclusion_proof(index: int, size: int, subtree: SubtreeHash) -> tuple[bytes, ...]:
    """The path that proves leaf `index` in a tree of `size` (RFC 6962 §2.1.1), leaf's neighbour first."""
    if not 0 <= index < size:
        raise InvalidInputError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: tuple[bytes, ...], expected_root: bytes) -> bool:
    """Whether the leaf is at `index` of the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, result = index, size - 1, leaf
    for neighbour in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = interior(neighbour, result)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = interior(result, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and result == expected_root


def consistency_proof(old: int, new: int, subtree: SubtreeHash) -> tuple[bytes, ...]:
    """The path that proves the tree of `new` leaves to begin with that of `old` (RFC 6962 §2.1.2)."""
    if not 0 < old <= new:
        raise InvalidInputError(f"a tree of {new} leaves does not grow from one of {old}")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old - start < end - start:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    # The verifier holds the old root itself; any other subtree it must be given.
    if not whole:
        path.append(subtree(start, end))
    return tuple(reversed(path))


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: tuple[bytes, ...]) -> bool:
    """Whether the tree of `new` leaves begins with the one of `old` (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = (old_root, *proof) if old & (old - 1) == 0 else proof
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first = second = path[0]
    for neighbour in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first = interior(neighbour, first)
            second = interior(neighbour, second)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second = interior(second, neighbour)
        position >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two below `size` (size > 1)."""
    result: int = 1 << ((size - 1).bit_length() - 1)
    return result

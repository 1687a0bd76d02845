"""Signed checkpoints: C2SP tlog-checkpoint in a signed note (c2sp.org/signed-note), Ed25519."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assay.events.tree import HASH_BYTES
from assay.values import InvalidInputError, Value

_ED25519: Final = b"\x01"
_KEY_HASH_BYTES: Final = 4
_NAME: Final = re.compile(r"[^\s+]+")
_NOTE: Final = re.compile(
    r"^(?P<origin>[^\n]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"\n(?P<signatures>(?:\u2014 [^\s+]+ [A-Za-z0-9+/=]+\n)+)",
    re.MULTILINE,
)


class Verifier(Value, frozen=True, kw_only=True):
    """A public key and the name it signs by."""

    name: str
    public: Ed25519PublicKey

    @property
    def key_hash(self) -> bytes:
        digest = sha256(self.name.encode() + b"\n" + _ED25519 + self.public.public_bytes_raw()).digest()
        return digest[:_KEY_HASH_BYTES]

    def __str__(self) -> str:
        """The verifier key as people keep it: `name+hash+base64`."""
        key = b64encode(_ED25519 + self.public.public_bytes_raw()).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"


class Checkpoint(Value, frozen=True, kw_only=True):
    """The log had this root when it had `size` leaves; `signed` by one of the keys that were asked."""

    origin: str
    size: int
    root: bytes
    signed: bool


def parse_verifier(text: str) -> Verifier:
    """Read a verifier key; raises InvalidInputError."""
    try:
        name, digest, encoded = text.strip().split("+", 2)
        key = b64decode(encoded, validate=True)
        if not key.startswith(_ED25519):
            raise InvalidInputError("only Ed25519 keys sign checkpoints")
        verifier = Verifier(name=name, public=Ed25519PublicKey.from_public_bytes(key[1:]))
    except ValueError as error:
        raise InvalidInputError(f"not a verifier key (name+hash+base64): {error}") from error
    if verifier.key_hash.hex() != digest:
        raise InvalidInputError("the verifier key's hash does not fit it; was it copied whole?")
    return verifier


def sign_checkpoint(origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> str:
    """A checkpoint; the key signs by the log's origin, as tlog-checkpoint wants it."""
    return sign_note(f"{origin}\n{size}\n{b64encode(root).decode()}\n", origin, key)


def sign_note(body: str, name: str, key: Ed25519PrivateKey) -> str:
    """A signed note; `body` ends in a line end. Raises InvalidInputError for a name with white space or a plus."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(f"not a name for a log: {name!r}", remedy="use the base domain")
    verifier = Verifier(name=name, public=key.public_key())
    signature = b64encode(verifier.key_hash + key.sign(body.encode())).decode()
    return f"{body}\n\u2014 {name} {signature}\n"


def read_checkpoints(text: str, verifiers: Sequence[Verifier]) -> Iterator[Checkpoint]:
    """Every checkpoint in a text; half a note at the end, left by a power cut, is passed over."""
    for match in _NOTE.finditer(text):
        body, _, _ = match.group().partition("\n\n")
        yield Checkpoint(
            origin=match["origin"],
            size=int(match["size"]),
            root=_root(match["root"]),
            signed=any(
                is_signed(f"{body}\n", line, verifier)
                for line in match["signatures"].splitlines()
                for verifier in verifiers
                if verifier.name == match["origin"]
            ),
        )


def without_larger(text: str, size: int) -> tuple[str, str]:
    """A text of checkpoints in two: what says nothing of records from number `size` on, and the rest."""
    larger = "".join(f"\n{match.group()}" for match in _NOTE.finditer(text) if int(match["size"]) > size)
    return _NOTE.sub(lambda match: "" if int(match["size"]) > size else match.group(), text), larger


def is_signed(body: str, line: str, verifier: Verifier) -> bool:
    """Whether this line of a note is the verifier's signature of its body."""
    _, name, encoded = line.split(" ")
    try:
        blob = b64decode(encoded, validate=True)
    except ValueError:
        return False
    if name != verifier.name or blob[:_KEY_HASH_BYTES] != verifier.key_hash:
        return False
    try:
        verifier.public.verify(blob[_KEY_HASH_BYTES:], body.encode())
    except InvalidSignature:
        return False
    return True


def _root(encoded: str) -> bytes:
    decoded = b64decode(encoded)
    assert len(decoded) == HASH_BYTES
    return decoded

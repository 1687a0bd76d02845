"""Whether a certificate and its key can serve the base domain and what is below it; each fault says its fix."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from assay.values import Value

ServerKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
# What Envoy's TLS library serves; others would start and fail every handshake.
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_LEAST_RSA_BITS = 2048
# A certificate that has just been issued starts now by the authority's clock, not by ours.
_CLOCKS_DIFFER = timedelta(minutes=5)
_WEAK_HASHES = ("md5", "sha1")


class Fault(Value, frozen=True, kw_only=True):
    """Why a pair cannot be used, or (`ended`) could be, were it not for the date."""

    message: str
    fix: str
    ended: bool = False


class ServedPair(Value, frozen=True, kw_only=True):
    """A certificate with its chain, leaf first, and the key that belongs to it."""

    chain: tuple[x509.Certificate, ...]
    key: ServerKey

    @property
    def not_after(self) -> datetime:
        return self.chain[0].not_valid_after_utc

    def pem(self) -> bytes:
        """Both in one text: a reader that comes between two files would find a key of another certificate."""
        plain = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.chain) + plain


def read_pair(chain_pem: bytes, key_pem: bytes) -> ServedPair | Fault:
    """The pair that these texts hold, or why they hold none."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(chain_pem))
    except ValueError:
        return Fault(message="it holds no PEM certificate", fix="give PEM: the leaf first, then its issuers")
    try:
        key = load_pem_private_key(key_pem, None)
    except TypeError:
        return Fault(
            message="the private key is encrypted",
            fix="decrypt it: openssl pkey -in KEY -out PLAIN, and chmod 600 PLAIN",
        )
    except (ValueError, UnsupportedAlgorithm):
        return Fault(message="the private key cannot be read", fix="give a private key in PEM")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return Fault(
            message="the private key is neither RSA nor ECDSA", fix="make one with ECDSA on P-256, or RSA 2048"
        )
    return ServedPair(chain=chain, key=key)


def faults_of(pair: ServedPair, base_domain: str, at: datetime) -> tuple[Fault, ...]:
    """Everything that keeps the gateway from serving this pair for the base domain and its apps."""
    leaf = pair.chain[0]
    return (
        *_key_faults(pair),
        *_name_faults(leaf, base_domain),
        *_use_faults(leaf),
        *_chain_faults(pair.chain),
        *_time_faults(leaf, at),
    )


def covers(certificate: x509.Certificate, name: str) -> bool:
    """Whether it speaks for this name (a wildcard speaks for exactly one label, RFC 6125 §6.4.3)."""
    wildcard = f"*.{name.partition('.')[2]}"
    return bool({name, wildcard} & {each.lower() for each in _names(certificate)})


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return list(found.value.get_values_for_type(x509.DNSName))


def _key_faults(pair: ServedPair) -> Iterator[Fault]:
    if pair.key.public_key() != pair.chain[0].public_key():
        later = any(pair.key.public_key() == other.public_key() for other in pair.chain[1:])
        yield Fault(
            message="the private key belongs to another certificate" + (" of the chain" if later else ""),
            fix="put the leaf first in the file" if later else "give the key with which this certificate was requested",
        )
    if isinstance(pair.key, rsa.RSAPrivateKey) and pair.key.key_size < _LEAST_RSA_BITS:
        yield Fault(
            message=f"its RSA key has {pair.key.key_size} bits", fix="request one with 2048 bits, or ECDSA P-256"
        )
    if isinstance(pair.key, ec.EllipticCurvePrivateKey) and not isinstance(pair.key.curve, _CURVES):
        yield Fault(message=f"its key is on the curve {pair.key.curve.name}", fix="request one on P-256")


def _name_faults(leaf: x509.Certificate, base_domain: str) -> Iterator[Fault]:
    missing = [name for name in (base_domain, f"*.{base_domain}") if name not in {n.lower() for n in _names(leaf)}]
    # The base domain itself only redirects; what is below it is where people sign in and work.
    if missing:
        has = ", ".join(_names(leaf)[:5]) or "no name at all"
        yield Fault(
            message=f"it is not for {' and '.join(missing)}, but for {has}",
            fix=f"request one for {base_domain} and *.{base_domain} (one certificate with both names)",
        )


def _use_faults(leaf: x509.Certificate) -> Iterator[Fault]:
    digest = leaf.signature_hash_algorithm
    if digest is not None and digest.name in _WEAK_HASHES:
        yield Fault(message=f"it is signed with {digest.name}", fix="request one that is signed with SHA-256")
    try:
        uses = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(uses):
        yield Fault(
            message="it is no certificate for servers", fix="request one with the extended key usage serverAuth"
        )


def _chain_faults(chain: Sequence[x509.Certificate]) -> Iterator[Fault]:
    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except Exception:  # noqa: BLE001 - cryptography raises four unrelated types; each means "not by this one"
            yield Fault(
                message=f"the chain breaks after {below.subject.rfc4514_string()}",
                fix="order the file: the leaf, then who issued it, then who issued that; nothing else",
            )
            return


def _time_faults(leaf: x509.Certificate, at: datetime) -> Iterator[Fault]:
    if at + _CLOCKS_DIFFER < leaf.not_valid_before_utc:
        yield Fault(
            message=f"it holds from {leaf.not_valid_before_utc:%Y-%m-%d %H:%MZ} only",
            fix="check this machine's clock, or wait until then",
        )
    if at >= leaf.not_valid_after_utc:
        yield Fault(message=f"it ended {leaf.not_valid_after_utc:%Y-%m-%d %H:%MZ}", fix="renew it", ended=True)

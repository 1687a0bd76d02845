"""The certificate that the gateway shows: one wildcard leaf of the local authority, renewed in time."""

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assay.gateway.authority import (
    LEAF_LIFETIME,
    Authority,
    SealBytes,
    certificate_builder,
    ensure_authority,
    key_usage,
)
from assay.gateway.envoy_config import replace_file
from assay.values import AssayError, Value

# Renewed at two thirds of its life.
_RENEW_BEFORE = LEAF_LIFETIME / 3


class CertificateFiles(Value, frozen=True, kw_only=True):
    """Where the certificates are; `authority` is what browsers have to trust."""

    authority: Path
    certificate: Path
    private_key: Path
    not_after: datetime

    def renew_after(self) -> datetime:
        """From this instant on `ensure_certificates` makes a new leaf."""
        return self.not_after - _RENEW_BEFORE


def ensure_certificates(
    directory: Path, base_domain: str, *, seal: SealBytes, open_sealed: SealBytes, now: datetime, reissue: bool = False
) -> CertificateFiles:
    """Make what is missing or soon expired, and keep the rest; a directory per base domain. `reissue`: a new leaf now.

    The authority's key is stored only as `seal` gave it back; the leaf's key is plain (0600), because Envoy reads it.
    """
    place = directory / base_domain
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = ensure_authority(place, base_domain, seal=seal, open_sealed=open_sealed, now=now)
    # One file for both: a reader that comes between two renames would find a key of another certificate.
    both = place / "certificate-and-key.pem"
    not_after = _usable_until(both, authority.certificate)
    if reissue or not_after is None or now >= not_after - _RENEW_BEFORE:
        leaf, leaf_key = make_leaf(authority, base_domain, now)
        not_after = leaf.not_valid_after_utc
        plain = leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        replace_file(both, leaf.public_bytes(Encoding.PEM) + plain)
    return CertificateFiles(authority=place / "authority.pem", certificate=both, private_key=both, not_after=not_after)


def refuse_unusable(certificate: Path, private_key: Path) -> None:
    """Raise AssayError where the two do not load together: Envoy would start, and fail every handshake."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, private_key)
    except (OSError, ssl.SSLError) as error:
        raise AssayError(
            f"the certificate {certificate} cannot be used with {private_key}: {error}",
            remedy="give a PEM certificate and the private key that belongs to it",
        ) from error


def make_leaf(
    authority: Authority, base_domain: str, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The certificate of the base domain and every host one label below it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, base_domain[:64])])
    names = x509.SubjectAlternativeName([x509.DNSName(base_domain), x509.DNSName(f"*.{base_domain}")])
    issuer = authority.certificate
    certificate = (
        certificate_builder(subject, issuer.subject, key.public_key(), now, LEAF_LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return certificate, key


def _usable_until(both: Path, issuer: x509.Certificate) -> datetime | None:
    """When the stored leaf ends, or None where it is missing, or was signed by another authority."""
    if not both.exists():
        return None
    leaf = x509.load_pem_x509_certificate(both.read_bytes())
    try:
        leaf.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001 - cryptography raises four unrelated types; each means "not this authority's"
        return None
    return leaf.not_valid_after_utc

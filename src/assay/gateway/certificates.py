"""The local certificate authority: it can sign for the base domain and nothing else, and signs one wildcard leaf."""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assay.gateway.envoy_config import replace_file
from assay.values import AssayError, Value

_AUTHORITY_LIFETIME = timedelta(days=3650)
# Browsers refuse more than 398 days (CA/Browser Forum Baseline Requirements, 6.3.2).
_LEAF_LIFETIME = timedelta(days=90)
_RENEW_BEFORE = timedelta(days=30)
# Clocks of clients differ; a certificate that starts now is refused by some of them.
_BACKDATED = timedelta(hours=1)

SealBytes = Callable[[bytes], bytes]


class Authority(Value, frozen=True, kw_only=True):
    """A certificate authority in memory."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


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
    directory: Path, base_domain: str, *, seal: SealBytes, open_sealed: SealBytes, now: datetime
) -> CertificateFiles:
    """Make what is missing or soon expired, and keep the rest; a directory per base domain.

    The authority's key is stored only as `seal` gave it back; the leaf's key is plain (0600), because Envoy reads it.
    """
    place = directory / base_domain
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _ensure_authority(place, base_domain, seal=seal, open_sealed=open_sealed, now=now)
    # One file for both: a reader that comes between two renames would find a key of another certificate.
    both = place / "certificate-and-key.pem"
    not_after = _usable_until(both, authority.certificate)
    if not_after is None or now >= not_after - _RENEW_BEFORE:
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


def make_authority(base_domain: str, now: datetime) -> Authority:
    """A self-signed authority, critically constrained to the base domain and below (RFC 5280 §4.2.1.10)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Assay"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Assay for {base_domain}"[:64]),
        ]
    )
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(base_domain)],
        # A constraint on names says nothing of addresses; without these the authority could sign for any.
        excluded_subtrees=[x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))],
    )
    certificate = (
        _builder(name, name, key.public_key(), now, _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def make_leaf(
    authority: Authority, base_domain: str, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The certificate of the base domain and every host one label below it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, base_domain[:64])])
    names = x509.SubjectAlternativeName([x509.DNSName(base_domain), x509.DNSName(f"*.{base_domain}")])
    issuer = authority.certificate
    certificate = (
        _builder(subject, issuer.subject, key.public_key(), now, _LEAF_LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return certificate, key


def _ensure_authority(
    place: Path, base_domain: str, *, seal: SealBytes, open_sealed: SealBytes, now: datetime
) -> Authority:
    public, sealed = place / "authority.pem", place / "authority-key.sealed"
    if public.exists() and sealed.exists():
        certificate = x509.load_pem_x509_certificate(public.read_bytes())
        if now < certificate.not_valid_after_utc - _LEAF_LIFETIME:
            key = load_der_private_key(open_sealed(sealed.read_bytes()), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
                raise AssayError(
                    f"the key in {sealed} is not the one of {public}",
                    remedy="restore both from the same backup, or move both away to make a new authority",
                )
            return Authority(certificate=certificate, key=key)
    authority = make_authority(base_domain, now)
    plain = authority.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    # The key first: a certificate without its key is made anew, a key without its certificate is overwritten.
    replace_file(sealed, seal(plain))
    replace_file(public, authority.certificate.public_bytes(Encoding.PEM))
    return authority


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


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )

"""The local certificate authority: it can sign for the base domain and nothing else; one in use, one next, one gone."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assay.gateway.envoy_config import replace_file, sync_directory
from assay.values import AssayError, InvalidInputError, Value

LEAF_LIFETIME: Final = timedelta(days=90)
_LIFETIME: Final = timedelta(days=3650)
# So long before its end the one that follows is made: trusting it on every machine takes people their time.
NEXT_MADE: Final = timedelta(days=365)
# Clocks of clients differ; a certificate that starts now is refused by some of them.
_BACKDATED: Final = timedelta(hours=1)
IN_USE: Final = "authority"
NEXT: Final = "next-authority"
RETIRED: Final = "retired-authority"

SealBytes = Callable[[bytes], bytes]


class Authority(Value, frozen=True, kw_only=True):
    """A certificate authority in memory."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_authority(base_domain: str, now: datetime) -> Authority:
    """A self-signed authority, critically constrained to the base domain and below (RFC 5280 §4.2.1.10)."""
    key = ec.generate_private_key(ec.SECP256R1())
    # Two authorities of one installation never share a name: a store of trust finds an issuer by it.
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Assay"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Assay {mark} for {base_domain}"[:64]),
        ]
    )
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(base_domain)],
        # A constraint on names says nothing of addresses; without these the authority could sign for any.
        excluded_subtrees=[x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))],
    )
    certificate = (
        certificate_builder(name, name, key.public_key(), now, _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def ensure_authority(
    place: Path, base_domain: str, *, seal: SealBytes, open_sealed: SealBytes, now: datetime
) -> Authority:
    """The authority in use; where there is none or its end is near, the next one that waits, or a new one.

    The next one is made a year before: it signs when the one in use has 90 days left, which a certificate holds.
    """
    _finish_switch(place)
    public, sealed = _public(place, IN_USE), _sealed(place, IN_USE)
    if public.exists() and sealed.exists():
        certificate = x509.load_pem_x509_certificate(public.read_bytes())
        if now < certificate.not_valid_after_utc - LEAF_LIFETIME:
            key = load_der_private_key(open_sealed(sealed.read_bytes()), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
                raise AssayError(
                    f"the key in {sealed} is not the one of {public}",
                    remedy="restore both from the same backup, or move both away to make a new authority",
                )
            if now >= certificate.not_valid_after_utc - NEXT_MADE and not _public(place, NEXT).exists():
                make_next(place, base_domain, seal=seal, now=now)
            return Authority(certificate=certificate, key=key)
        if _public(place, NEXT).exists() and _sealed(place, NEXT).exists():
            # Some machines trust it already; nobody trusts one that is made now.
            use_next(place)
            return ensure_authority(place, base_domain, seal=seal, open_sealed=open_sealed, now=now)
    authority = make_authority(base_domain, now)
    _keep(place, IN_USE, authority, seal)
    return authority


def make_next(place: Path, base_domain: str, *, seal: SealBytes, now: datetime) -> Authority:
    """Make the authority that comes after the one in use, to be trusted before it signs anything.

    Raises InvalidInputError while one that was made earlier waits.
    """
    if _public(place, NEXT).exists():
        raise InvalidInputError(
            "the next authority is made already and waits",
            remedy="trust it everywhere (assay trust), then: assay keys rotate ca --use",
        )
    authority = make_authority(base_domain, now)
    _keep(place, NEXT, authority, seal)
    return authority


def use_next(place: Path) -> None:
    """Let the next authority sign from now on; the one before is kept, without its key, until it is retired.

    Raises InvalidInputError where none was made. Done again after a crash in the middle, it ends the same.
    """
    if not _public(place, NEXT).exists() or not _sealed(place, NEXT).exists():
        raise InvalidInputError("there is no next authority", remedy="make it: assay keys rotate ca")
    replace_file(_public(place, RETIRED), _public(place, IN_USE).read_bytes(), durable=True)
    # The key first: the certificate that is left behind says, after a crash, what was begun.
    _sealed(place, NEXT).replace(_sealed(place, IN_USE))
    _finish_switch(place)


def forget_retired(place: Path) -> bool:
    """Forget the authority before the one in use; False where there is none."""
    found = _public(place, RETIRED).exists()
    _public(place, RETIRED).unlink(missing_ok=True)
    return found


def certificate_of(place: Path, which: str) -> x509.Certificate | None:
    """The certificate of the authority that is IN_USE, NEXT or RETIRED."""
    try:
        return x509.load_pem_x509_certificate(_public(place, which).read_bytes())
    except FileNotFoundError:
        return None


def sealed_keys(directory: Path) -> Iterator[Path]:
    """Every sealed key of an authority below the directory of certificates."""
    yield from sorted(directory.glob("*/*-key.sealed"))


def _finish_switch(place: Path) -> None:
    if _public(place, NEXT).exists() and not _sealed(place, NEXT).exists():
        # Each rename for good before the next: a power cut leaves what was begun, never the two of different pairs.
        sync_directory(place)
        _public(place, NEXT).replace(_public(place, IN_USE))
        sync_directory(place)


def _keep(place: Path, which: str, authority: Authority, seal: SealBytes) -> None:
    plain = authority.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    # The key first: a certificate without its key is made anew, a key without its certificate is overwritten.
    replace_file(_sealed(place, which), seal(plain), durable=True)
    replace_file(_public(place, which), authority.certificate.public_bytes(Encoding.PEM), durable=True)


def _public(place: Path, which: str) -> Path:
    return place / f"{which}.pem"


def _sealed(place: Path, which: str) -> Path:
    return place / f"{which}-key.sealed"


def certificate_builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    """What every certificate of ours says."""
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


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """What the key may be used for (RFC 5280 §4.2.1.3)."""
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

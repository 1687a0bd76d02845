"""Certificates as an operator's authority makes them: good ones, and each kind of bad one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key, password: bytes = b"") -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


class Authority:
    """A root and an intermediate that signs."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._root_key, self._key = new_key(), new_key()
        self.root = self._sign("Root", self._root_key, "Root", self._root_key, ca=True)
        self.intermediate = self._sign("Intermediate", self._key, "Root", self._root_key, ca=True)

    def leaf(
        self,
        names: tuple[str, ...],
        key: Key,
        *,
        starts: timedelta = timedelta(hours=-1),
        ends: timedelta = timedelta(days=90),
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> x509.Certificate:
        return self._sign("leaf", key, "Intermediate", self._key, names=names, starts=starts, ends=ends, usage=usage)

    def chain(self, leaf: x509.Certificate) -> bytes:
        return pem(leaf, self.intermediate)

    def write(self, directory: Path, names: tuple[str, ...], *, ends: timedelta = timedelta(days=90)) -> "Pair":
        """A good pair in two files."""
        pair = Pair(directory / "fullchain.pem", directory / "privkey.pem")
        pair.replace(self, names, ends=ends)
        self.write_root(directory)
        return pair

    def write_root(self, directory: Path) -> None:
        """What clients trust."""
        (directory / "root.pem").write_bytes(pem(self.root))

    def _sign(
        self,
        name: str,
        key: Key,
        issuer: str,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        ca: bool = False,
        names: tuple[str, ...] = (),
        starts: timedelta = timedelta(hours=-1),
        ends: timedelta = timedelta(days=90),
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + starts)
            .not_valid_after(self.now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(x509.DNSName, names)]), critical=False)
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return builder.sign(issuer_key, hashes.SHA256())


class Pair:
    """The two files as an operator keeps them."""

    def __init__(self, certificate: Path, private_key: Path) -> None:
        self.certificate, self.private_key = certificate, private_key
        self.serial = 0

    def replace(self, authority: Authority, names: tuple[str, ...], *, ends: timedelta = timedelta(days=90)) -> None:
        """Both files in place, the certificate before its key."""
        key = new_key()
        leaf = authority.leaf(names, key, ends=ends)
        self.certificate.write_bytes(authority.chain(leaf))
        self.private_key.write_bytes(key_pem(key))
        self.private_key.chmod(0o600)
        self.serial = leaf.serial_number


def authority_now() -> Authority:
    return Authority(datetime.now(UTC))


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

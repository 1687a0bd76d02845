"""Where a machine keeps the authorities that it trusts, and the commands that add one and take it away."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from assay.values import InvalidInputError, Value

_MARK_DIGITS: Final = 16


class TrustedAuthority(Value, frozen=True, kw_only=True):
    """An authority to be trusted: its PEM, and the mark by which every store finds it again."""

    pem: bytes
    mark: str
    domain: str

    @property
    def name(self) -> str:
        return f"assay-{self.mark}"


class Act(Value, frozen=True, kw_only=True):
    """One step, said in words before it is done."""

    said: str
    command: tuple[str, ...]
    root: bool = False


class TrustStore(Value, frozen=True, kw_only=True):
    """A place of trust: whether the authority is there, and what adds or removes it."""

    name: str
    holds: Callable[[TrustedAuthority], bool]
    add: Callable[[TrustedAuthority, Path], tuple[Act, ...]]
    remove: Callable[[TrustedAuthority], tuple[Act, ...]]


def read_authority(path: Path) -> TrustedAuthority:
    """The authority in a PEM file; raises InvalidInputError for what could speak for names that are not its own."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path} is no certificate: {error}", remedy="name authority.pem") from None
    except x509.ExtensionNotFound:
        raise _unbound(path) from None
    names = [each.value for each in constraints.value.permitted_subtrees or () if isinstance(each, x509.DNSName)]
    if not constraints.critical or len(names) != 1 or "." not in names[0].strip("."):
        raise _unbound(path)
    return TrustedAuthority(
        pem=certificate.public_bytes(Encoding.PEM),
        mark=certificate.fingerprint(SHA256()).hex()[:_MARK_DIGITS],
        domain=names[0],
    )


def stores(home: Path) -> tuple[TrustStore, ...]:
    """The stores of this machine and of this user."""
    system = _macos() if sys.platform == "darwin" else _linux()
    databases = () if shutil.which("certutil") is None else tuple(map(_nss, nss_databases(home)))
    return (*((system,) if system is not None else ()), *databases)


def nss_databases(home: Path) -> tuple[Path, ...]:
    """The databases of Chromium (made where it is missing) and of every Firefox profile."""
    chromium = (home / ".pki" / "nssdb", *sorted((home / "snap" / "chromium").glob("*/.pki/nssdb")))
    firefox = (home / ".mozilla" / "firefox", home / "snap" / "firefox" / "common" / ".mozilla" / "firefox")
    profiles = (profile.parent for root in firefox for profile in sorted(root.glob("*/cert9.db")))
    return (*chromium, *profiles)


def _linux() -> TrustStore | None:
    """Debian and what comes of it, Red Hat and what comes of it, Arch; None for another system."""
    if shutil.which("update-ca-certificates"):
        return _files(Path("/usr/local/share/ca-certificates"), ".crt", ("update-ca-certificates",))
    if shutil.which("update-ca-trust"):
        return _files(Path("/etc/pki/ca-trust/source/anchors"), ".pem", ("update-ca-trust", "extract"))
    if shutil.which("trust"):
        return _files(Path("/etc/ca-certificates/trust-source/anchors"), ".pem", ("trust", "extract-compat"))
    return None


def _files(directory: Path, ending: str, refresh: tuple[str, ...]) -> TrustStore:
    def at(authority: TrustedAuthority) -> Path:
        return directory / f"{authority.name}{ending}"

    def holds(authority: TrustedAuthority) -> bool:
        return at(authority).exists() and at(authority).read_bytes() == authority.pem

    def add(authority: TrustedAuthority, pem: Path) -> tuple[Act, ...]:
        path = str(at(authority))
        copy = ("install", "-D", "-m", "0644", str(pem), path)
        return (
            Act(said=f"write {path}", command=copy, root=True),
            Act(said="refresh the system's store", command=refresh, root=True),
        )

    def remove(authority: TrustedAuthority) -> tuple[Act, ...]:
        path = str(at(authority))
        return (
            Act(said=f"remove {path}", command=("rm", "-f", path), root=True),
            Act(said="refresh the system's store", command=refresh, root=True),
        )

    return TrustStore(name=f"system ({directory})", holds=holds, add=add, remove=remove)


def _nss(database: Path) -> TrustStore:
    where = f"sql:{database}"

    def holds(authority: TrustedAuthority) -> bool:
        if not (database / "cert9.db").exists():
            return False
        command = (_program("certutil"), "-L", "-d", where, "-n", authority.name, "-a")
        found = subprocess.run(command, capture_output=True, check=False)
        return found.returncode == 0 and found.stdout.replace(b"\r", b"").strip() == authority.pem.strip()

    def add(authority: TrustedAuthority, pem: Path) -> tuple[Act, ...]:
        made: tuple[Act, ...] = ()
        if not (database / "cert9.db").exists():
            made = (
                Act(said=f"make {database}", command=("mkdir", "-p", "-m", "0700", str(database))),
                Act(said="an empty database there", command=("certutil", "-N", "-d", where, "--empty-password")),
            )
        # C: a root for servers, and for nothing else.
        trust = ("certutil", "-A", "-d", where, "-t", "C,,", "-n", authority.name, "-i", str(pem))
        return (*made, Act(said=f"add it to {database}", command=trust))

    def remove(authority: TrustedAuthority) -> tuple[Act, ...]:
        command = ("certutil", "-D", "-d", where, "-n", authority.name)
        return (Act(said=f"remove it from {database}", command=command),)

    return TrustStore(name=f"browser ({database})", holds=holds, add=add, remove=remove)


def _macos() -> TrustStore:
    """The system's keychain (security(1)); not tried by our tests, which have no such machine."""
    keychain = "/Library/Keychains/System.keychain"

    def holds(authority: TrustedAuthority) -> bool:
        command = (_program("security"), "find-certificate", "-a", "-Z", keychain)
        found = subprocess.run(command, capture_output=True, check=False)
        return authority.mark.upper().encode() in found.stdout

    def add(authority: TrustedAuthority, pem: Path) -> tuple[Act, ...]:
        command = ("security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, str(pem))
        return (Act(said=f"trust {authority.name} in {keychain}", command=command, root=True),)

    def remove(authority: TrustedAuthority) -> tuple[Act, ...]:
        digest = x509.load_pem_x509_certificate(authority.pem).fingerprint(SHA256()).hex().upper()
        command = ("security", "delete-certificate", "-Z", digest, "-t", keychain)
        return (Act(said=f"remove {authority.name} from {keychain}", command=command, root=True),)

    return TrustStore(name="system (keychain)", holds=holds, add=add, remove=remove)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise InvalidInputError(f"there is no {name} on this machine", remedy=f"install {name}")
    return found


def _unbound(path: Path) -> InvalidInputError:
    return InvalidInputError(
        f"{path} is no authority that is bound to one domain: trusting it would let it speak for any name",
        remedy="name the authority.pem that Assay made",
    )

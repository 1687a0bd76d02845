"""What is ours in an Authorization header, and what a credential may be used for."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest

from assay.apps.credentials import SECRET, Credential, Restrictions, new_secret, presented, secret_hash
from assay.values import AppId, CredentialId


def basic(pair: str) -> str:
    """As `curl -u` sends it."""
    return f"Basic {b64encode(pair.encode()).decode()}"


NOW = datetime(2026, 11, 24, tzinfo=UTC)
ZERO = f"assay_{'0' * 64}"


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("", None),
        ("Basic QTpC", None),
        ("Bearer eyJhbGciOi.x.y", None),
        ("Bearer", None),
        ("Bearer not_assay_0", None),
        ("assay_0", None),
        ("Digest username=assay_0", None),
        (f"Bearer {ZERO}", ZERO),
        (f"bearer   {ZERO} ", ZERO),
        ("Bearer assay_", "assay_"),
        (f"Bearer {ZERO}, Basic QTpC", f"{ZERO}, Basic QTpC"),
        (f"Basic QTpC, Bearer {ZERO}", f"QTpC, Bearer {ZERO}"),
        (basic(f"ci:{ZERO}"), ZERO),
        (basic(f":{ZERO}").rstrip("="), ZERO),
        (basic(f"{ZERO}:"), f"{ZERO}:"),
        (basic(f"ci:{ZERO}x"), f"ci:{ZERO}x"),
        (f"Basic x{ZERO}", f"x{ZERO}"),
        (basic("ci:assay_0"), None),
        ("Basic !!!", None),
        (f"Token {ZERO}", f"Token {ZERO}"),
        (ZERO, ZERO),
    ],
)
def test_what_looks_like_ours_is_ours_and_all_else_is_the_apps(header: str, ours: str | None) -> None:
    assert presented(header) == ours
    if ours not in (None, ZERO):
        assert not SECRET.fullmatch(ours or ""), "and good for nothing"


def test_a_secret_is_256_random_bits_that_a_scanner_recognises() -> None:
    made = {new_secret(secrets.token_bytes) for _ in range(100)}
    assert len(made) == 100
    assert all(SECRET.fullmatch(each) for each in made)
    assert len({secret_hash(each) for each in made}) == 100


@pytest.mark.parametrize(
    ("restrictions", "method", "path", "upgrade", "refused"),
    [
        (Restrictions(), "DELETE", "/x", True, None),
        (Restrictions(methods=("GET",)), "GET", "/x", False, None),
        (Restrictions(methods=("GET",)), "HEAD", "/x", False, "credentialMethod"),
        (Restrictions(methods=("GET",)), "GET", "/x", True, "credentialMethod"),
        (Restrictions(methods=("GET", "POST")), "GET", "/x", True, None),
        (Restrictions(paths=("/api/",)), "POST", "/api/x", False, None),
        (Restrictions(paths=("/api/",)), "POST", "/api", False, "credentialPath"),
        (Restrictions(paths=("/api/",)), "POST", "/apix", False, "credentialPath"),
        (Restrictions(paths=("/api/",)), "POST", "/api/../x", False, "credentialPath"),
        (Restrictions(paths=("/api/", "/health")), "GET", "/health", False, None),
        (Restrictions(paths=("/api/",)), "MOVE", "/api/x", False, "credentialPath"),
        (Restrictions(paths=("/api/",)), "REPORT", "/api/x", False, "credentialPath"),
        (Restrictions(paths=()), "GET", "/", False, "credentialPath"),
        (Restrictions(methods=()), "GET", "/", False, "credentialMethod"),
    ],
)
def test_what_is_not_named_is_refused(
    restrictions: Restrictions, method: str, path: str, upgrade: bool, refused: str | None
) -> None:
    reason = restrictions.refusal(method=method, path=path, upgrade=upgrade)
    assert (None if reason is None else reason.code) == refused


def test_a_credential_works_until_it_expires_or_is_revoked() -> None:
    made = Credential(
        id=CredentialId("c"), app_id=AppId("a"), name="ci", created_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    assert made.alive(NOW)
    assert not made.alive(NOW + timedelta(hours=1))
    revoked = Credential(
        id=made.id, app_id=made.app_id, name="ci", created_at=NOW, expires_at=made.expires_at, revoked_at=NOW
    )
    assert not revoked.alive(NOW)

"""What proofs are worth, row by row with its source: levels of SP 800-63B-4, methods of RFC 8176."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.policy.request import Method, Proof
from assay.sessions.assurance import AAL1, AAL2, AAL3, REAUTHENTICATION, acr, amr, phishing_resistant
from assay.sessions.session import SessionLimits

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def proof(method: Method, *, verified: bool = False, bound: bool = False, at: datetime = NOW) -> Proof:
    return Proof(method=method, at=at, user_verified=verified, device_bound=bound)


PASSWORD = proof(Method.PASSWORD)
CODE = proof(Method.SOFTWARE_OATH)
TOKEN = proof(Method.HARDWARE_OATH)
RECOVERY = proof(Method.RECOVERY_CODE)
SYNCED = proof(Method.FIDO2, verified=True)
BOUND = proof(Method.FIDO2, verified=True, bound=True)
UNVERIFIED = proof(Method.FIDO2, bound=True)
HELLO = proof(Method.WINDOWS_HELLO_FOR_BUSINESS, verified=True, bound=True)
LINK = proof(Method.TEMPORARY_ACCESS_PASS_ONE_TIME)

TABLE = [
    # proofs, level, source, amr (RFC 8176 §2), phishing resistant
    ((), AAL1, "nothing proved is no more than the least", (), False),
    ((PASSWORD,), AAL1, "§2.1.1, a single factor", ("pwd",), False),
    ((CODE,), AAL1, "§2.1.1, a single-factor OTP", ("otp",), False),
    ((TOKEN,), AAL1, "§2.1.1, a single-factor OTP", ("hwk", "otp"), False),
    ((RECOVERY,), AAL1, "§3.1.2, a look-up secret; RFC 8176 has no word for it", (), False),
    ((LINK,), AAL1, "§3.1.3, a secret sent once; RFC 8176 has no word for it", (), False),
    ((proof(Method.SMS),), AAL1, "§3.1.3.3, restricted", ("sms",), False),
    ((proof(Method.VOICE),), AAL1, "§3.1.3.3, restricted", ("tel",), False),
    ((proof(Method.X509_CERTIFICATE_MULTI_FACTOR),), AAL1, "where its key lies is not known", ("pop",), False),
    ((PASSWORD, CODE), AAL2, "§2.2.1, a password and an OTP", ("mfa", "otp", "pwd"), False),
    ((PASSWORD, TOKEN), AAL2, "§2.2.1, a password and an OTP", ("hwk", "mfa", "otp", "pwd"), False),
    ((PASSWORD, RECOVERY), AAL2, "§2.2.1, a password and a look-up secret", ("mfa", "pwd"), False),
    ((PASSWORD, LINK), AAL1, "a link is no second factor beside a password", ("pwd",), False),
    ((CODE, RECOVERY), AAL1, "§2.2.1, twice something they have", ("otp",), False),
    (
        (SYNCED,),
        AAL2,
        "§3.1.7 and appendix B: multi-factor, but its key can be copied",
        ("mfa", "pop", "swk", "user"),
        True,
    ),
    ((BOUND,), AAL3, "§2.3.1: multi-factor, phishing resistant, not exportable", ("hwk", "mfa", "pop", "user"), True),
    ((HELLO,), AAL3, "§2.3.1", ("hwk", "mfa", "pop", "user"), True),
    ((UNVERIFIED,), AAL1, "a key without its person", ("hwk", "pop", "user"), False),
    ((PASSWORD, SYNCED), AAL2, "appendix B", ("mfa", "pop", "pwd", "swk", "user"), True),
    ((PASSWORD, CODE, BOUND), AAL3, "§2.3.1", ("hwk", "mfa", "otp", "pop", "pwd", "user"), True),
]


@pytest.mark.parametrize(("proofs", "level", "source", "methods", "resistant"), TABLE, ids=[row[2] for row in TABLE])
def test_levels_and_methods(
    proofs: tuple[Proof, ...], level: str, source: str, methods: tuple[str, ...], *, resistant: bool
) -> None:
    assert acr(proofs) == acr(proofs, NOW) == level, source
    assert amr(proofs) == methods
    assert phishing_resistant(proofs) is resistant


@pytest.mark.parametrize(
    ("proofs", "hours", "level"),
    [
        ((BOUND,), 11.9, AAL3),
        ((BOUND,), 12, AAL2),  # §2.3.3
        ((BOUND,), 24, AAL1),  # §2.2.3
        ((PASSWORD, CODE), 23.9, AAL2),
        ((PASSWORD, CODE), 24, AAL1),
        ((PASSWORD,), 24 * 31, AAL1),
    ],
)
def test_a_level_falls_when_its_authentication_is_too_old(proofs: tuple[Proof, ...], hours: float, level: str) -> None:
    assert acr(proofs, NOW + timedelta(hours=hours)) == level


@pytest.mark.parametrize(
    ("proofs", "minutes", "level"),
    [((BOUND,), 14, AAL3), ((BOUND,), 15, AAL2), ((BOUND,), 60, AAL1), ((PASSWORD, CODE), 59, AAL2)],
)
def test_a_level_falls_without_activity(proofs: tuple[Proof, ...], minutes: int, level: str) -> None:
    assert acr(proofs, NOW, inactive=timedelta(minutes=minutes)) == level


def test_a_session_ends_within_the_limits_of_what_it_can_reach() -> None:
    limits = SessionLimits()
    for level in (AAL1, AAL2, AAL3):
        assert limits.absolute <= REAUTHENTICATION[level].overall
    aal2 = REAUTHENTICATION[AAL2].inactivity
    assert aal2 is not None
    assert limits.idle <= aal2


PROOFS = st.builds(
    Proof,
    method=st.sampled_from(Method),
    at=st.just(NOW),
    user_verified=st.booleans(),
    device_bound=st.booleans(),
)


@given(st.lists(PROOFS, max_size=5), PROOFS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_one_more_proof_never_lowers_a_level_and_time_never_raises_it(
    proofs: list[Proof], more: Proof, later: timedelta
) -> None:
    held = tuple(proofs)
    assert acr(held, NOW + later) <= acr((*held, more), NOW + later)
    assert acr(held, NOW + later) <= acr(held, NOW)
    assert ("mfa" in amr(held)) is (acr(held) != AAL1)

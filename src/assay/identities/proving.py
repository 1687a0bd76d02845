"""Use a method: its rule and its record in one transaction, so that nothing of single use proves twice."""

from datetime import datetime

from assay.identities.methods.outcome import Outcome, Proved, Refusal
from assay.identities.methods.passkey import VerifiedAssertion
from assay.identities.methods.password import PasswordCheck
from assay.identities.methods.recovery_code import code_digest
from assay.identities.methods.totp import NEVER_USED, SECRET_OCTETS, Totp, accepted_counter, totp_context
from assay.identities.records import passkeys, recovery_codes, totp
from assay.policy.request import Method
from assay.sealing import Keyring
from assay.store import Reader, Transaction
from assay.values import Reason, SessionId, UserId


def with_password(check: PasswordCheck, user_id: UserId | None, at: datetime) -> Outcome:
    """What a password check proves; the same refusal for a wrong password as for a person who does not exist."""
    if user_id is None or not check.matches:
        return Refusal.of("passwordWrong")
    return Proved(user_id=user_id, method=Method.PASSWORD, at=at)


def with_totp(transaction: Transaction, keyring: Keyring, user_id: UserId, code: str, at: datetime) -> Outcome:
    """Spend a code of the person's authenticator app; raises SealBrokenError when the secret was tampered with."""
    registered = totp.get(transaction, user_id)
    if registered is None:
        return Refusal.of("totpWrong")
    secret = _open(keyring, registered)
    counter = accepted_counter(secret, code, at=at, last_counter=registered.last_counter)
    if isinstance(counter, Reason):
        return Refusal(reason=counter)
    if not totp.use(transaction, user_id, counter):
        return Refusal.of("totpReused")
    return Proved(user_id=user_id, method=Method.SOFTWARE_OATH, at=at)


def with_recovery_code(transaction: Transaction, user_id: UserId, code: str, at: datetime) -> Outcome:
    """Spend one of the person's recovery codes."""
    digest = code_digest(code)
    if digest is None or not recovery_codes.use(transaction, user_id, digest, at):
        return Refusal.of("recoveryCodeWrong")
    return Proved(user_id=user_id, method=Method.RECOVERY_CODE, at=at)


def with_passkey(transaction: Transaction, verified: VerifiedAssertion, at: datetime) -> Outcome:
    """Take over the counter of a verified assertion; refused when another assertion was ahead, or the key is gone."""
    if passkeys.by_credential(transaction, verified.credential_id) is None:
        return Refusal.of("passkeyUnknown")
    if not passkeys.use(transaction, verified, at):
        return Refusal.of("clonedAuthenticator")
    return verified.proved(at)


def begin_totp(
    transaction: Transaction, keyring: Keyring, user_id: UserId, session_id: SessionId, secret: bytes, at: datetime
) -> None:
    """Keep a new authenticator app's secret (20 random bytes) until a code from the same session confirms it.

    The session is sealed beside the secret: whoever sits in another session of the person can begin anew, and can
    neither confirm what is shown here nor have a key of their own shown here to be scanned.
    """
    sealed = keyring.seal(secret + session_id.encode(), context=totp_context(user_id))
    totp.insert_pending(transaction, user_id, sealed, at)


def pending_totp_secret(
    reader: Reader, keyring: Keyring, user_id: UserId, session_id: SessionId, at: datetime
) -> bytes | None:
    """The secret that waits for its first code in this session, to be shown once more after a typing error."""
    waiting = totp.pending(reader, user_id, at)
    return None if waiting is None else _pending_secret(keyring, waiting, session_id)


def confirm_totp(
    transaction: Transaction, keyring: Keyring, user_id: UserId, session_id: SessionId, code: str, at: datetime
) -> Outcome:
    """Let the waiting authenticator app count, in place of an earlier one, when this code is its own."""
    waiting = totp.pending(transaction, user_id, at)
    secret = None if waiting is None else _pending_secret(keyring, waiting, session_id)
    if waiting is None or secret is None:
        return Refusal.of("totpNotPending")
    counter = accepted_counter(secret, code, at=at, last_counter=NEVER_USED)
    if isinstance(counter, Reason):
        return Refusal(reason=counter)
    kept = keyring.seal(secret, context=totp_context(user_id))
    if not totp.confirm(transaction, waiting, sealed_secret=kept, counter=counter, at=at):
        return Refusal.of("totpNotPending")
    return Proved(user_id=user_id, method=Method.SOFTWARE_OATH, at=at)


def _pending_secret(keyring: Keyring, waiting: Totp, session_id: SessionId) -> bytes | None:
    """None: another session began it."""
    opened = _open(keyring, waiting)
    return opened[:SECRET_OCTETS] if opened[SECRET_OCTETS:] == session_id.encode() else None


def _open(keyring: Keyring, registered: Totp) -> bytes:
    return keyring.open(registered.sealed_secret, context=totp_context(registered.user_id))

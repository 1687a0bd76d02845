"""Prove one method of a person; each use is spent in the transaction that accepts it."""

import asyncio
from collections.abc import Callable
from typing import Final

from assay.access.guessing import Attempt, Guessing
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.steps import PasskeyChallenge
from assay.access.throttled import Throttled
from assay.access.visitor import Visitor
from assay.identities import proving
from assay.identities.guessing import source_key
from assay.identities.hashing import HashingBusyError, PasswordHashing
from assay.identities.methods import challenge, passkey, password
from assay.identities.methods.challenge import Challenge, Purpose
from assay.identities.methods.outcome import Outcome, Proved, Refusal
from assay.identities.methods.passkey import RelyingParty
from assay.identities.methods.password import PasswordCheck
from assay.identities.methods.webauthn_json import read_assertion
from assay.identities.records import challenges, passkeys, passwords
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.policy import Method
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import Reason, Value

FAILED: Final = Reason.of("signInFailed")


class Checked(Value, frozen=True, kw_only=True):
    """What came of a factor, whose it was where that is known, and the attempt that success has yet to close."""

    outcome: Proved | Refusal | Throttled
    user: User | None = None
    attempt: Attempt | None = None


class MethodVerifier:
    """Checks passwords, codes and passkeys against what is stored; what may be guessed is counted first."""

    def __init__(self, premises: Premises, hashing: PasswordHashing, guessing: Guessing) -> None:
        self._premises = premises
        self._hashing = hashing
        self._guessing = guessing
        addresses = premises.addresses
        self.relying_party = RelyingParty(id=addresses.id_host, name="Assay", origins=(addresses.id_origin,))

    async def password(self, visitor: Visitor, user_name: str, given: str) -> Checked:
        """Whose password this is; nobody, a wrong password and no password take the same time and answer.

        Raises HashingBusyError.
        """

        def begin(transaction: Transaction) -> tuple[User | None, str | None, Attempt | Throttled]:
            user, stored = passwords.of_name(transaction, user_name)
            return user, stored, self._guessing.begin(transaction, Method.PASSWORD, visitor, user, name=user_name)

        user, stored, attempt = await self._premises.store.write(begin)
        if isinstance(attempt, Throttled):
            return Checked(outcome=attempt, user=user)
        checked = await self._check(stored, given, visitor, attempt)
        if user is not None and stored is not None and checked.matches and checked.outdated:
            await self._rehash(user, stored, given)
        outcome = proving.with_password(checked, user.id if user is not None else None, self._premises.now())
        if isinstance(outcome, Refusal):
            outcome = Refusal(reason=FAILED)
        return Checked(outcome=outcome, user=user, attempt=attempt)

    async def totp(self, visitor: Visitor, user: User, given: str) -> Checked:
        """A code of the person's authenticator app, used up."""
        at = self._premises.now()
        # The keyring as it is then: the secret may have been sealed anew while this waited for its turn.
        return await self._code(
            Method.SOFTWARE_OATH,
            visitor,
            user,
            lambda transaction: proving.with_totp(transaction, self._premises.keyring, user.id, given, at),
        )

    async def recovery_code(self, visitor: Visitor, user: User, given: str) -> Checked:
        """A recovery code of the person's, used up."""
        at = self._premises.now()
        return await self._code(
            Method.RECOVERY_CODE,
            visitor,
            user,
            lambda transaction: proving.with_recovery_code(transaction, user.id, given, at),
        )

    async def passkey_options(self, visitor: Visitor, session: Session | None) -> PasskeyChallenge | Throttled:
        """A ceremony: for anybody without a session, for the session's person with one."""
        user_id = session.user_id if session is not None else None
        purpose = Purpose.SIGN_IN if session is None else Purpose.STEP_UP
        opened = challenge.new_challenge(
            self._premises.random(challenge.OCTETS), purpose=purpose, user_id=user_id, at=self._premises.now()
        )

        def open_ceremony(transaction: Transaction) -> str | Throttled:
            throttled = self._guessing.begin_ceremony(transaction, visitor)
            if throttled is not None:
                return throttled
            allowed = passkeys.of_user(transaction, user_id) if user_id is not None else ()
            challenges.insert(transaction, opened)
            return passkey.request_options(self.relying_party, opened, allowed)

        options = await self._premises.store.write(open_ceremony)
        if isinstance(options, Throttled):
            return options
        return PasskeyChallenge(options_json=options, handle=opened.value.hex())

    async def passkey(
        self, visitor: Visitor, session: Session | None, handle: str, response: bytes
    ) -> Proved | Refusal | Throttled:
        """A passkey's answer to the ceremony with this handle; the ceremony is over, whatever comes of it."""
        answer = read_assertion(response)
        at = self._premises.now()
        user_id = session.user_id if session is not None else None
        purpose = Purpose.SIGN_IN if session is None else Purpose.STEP_UP

        def close_ceremony(transaction: Transaction) -> tuple[Challenge, passkey.Passkey] | Refusal | Throttled:
            throttled = self._guessing.begin_ceremony(transaction, visitor)
            if throttled is not None:
                return throttled
            if isinstance(answer, Refusal):
                return answer
            if answer.challenge.hex() != handle:
                return Refusal.of("passkeyWrongChallenge")
            taken = challenges.take(transaction, answer.challenge, purpose=purpose, user_id=user_id, at=at)
            if taken is None:
                # Too late, once more, or for something else; said before anything is looked up.
                return Refusal.of("passkeyWrongChallenge")
            known = passkeys.by_credential(transaction, answer.credential_id)
            return Refusal.of("passkeyUnknown") if known is None else (taken, known)

        closed = await self._premises.store.write(close_ceremony)
        if isinstance(closed, Refusal | Throttled) or isinstance(answer, Refusal):
            return closed if isinstance(closed, Refusal | Throttled) else Refusal.of("passkeyMalformed")
        taken, known = closed
        verified = await asyncio.to_thread(passkey.verify_assertion, self.relying_party, taken, answer, known)
        if isinstance(verified, Refusal):
            return verified
        return await self._premises.store.write(lambda transaction: proving.with_passkey(transaction, verified, at))

    async def _check(self, stored: str | None, given: str, visitor: Visitor, attempt: Attempt) -> PasswordCheck:
        """Wait for a thread, known devices first, and among strangers each source in turn."""
        lane = "" if attempt.device is not None else source_key(visitor.address).hex()
        try:
            return await self._hashing.check(stored, given, lane=lane)
        except HashingBusyError:
            await self._premises.store.write(lambda transaction: self._guessing.not_looked_at(transaction, attempt))
            raise

    async def _code(
        self, method: Method, visitor: Visitor, user: User, prove: Callable[[Transaction], Outcome]
    ) -> Checked:
        """Count, look and say what came of it, in one transaction."""

        def look(transaction: Transaction) -> Checked:
            attempt = self._guessing.begin(transaction, method, visitor, user)
            if isinstance(attempt, Throttled):
                return Checked(outcome=attempt, user=user)
            outcome = prove(transaction)
            if isinstance(outcome, Proved):
                self._guessing.succeeded(transaction, attempt, user, visitor)
                if method is Method.RECOVERY_CODE:
                    notice = Notice.RECOVERY_CODE_USED
                    tell(self._premises, transaction, user, notice, at=self._premises.now(), address=visitor.address)
            else:
                self._guessing.failed(transaction, attempt, visitor, outcome.reason, user)
            return Checked(outcome=outcome, user=user)

        return await self._premises.store.write(look)

    async def _rehash(self, user: User, stored: str, given: str) -> None:
        """Keep the password under today's parameters, unless it was changed meanwhile."""
        salt = self._premises.random(password.SALT_OCTETS)
        hashed = await self._hashing.hash(given, salt)
        await self._premises.store.write(
            lambda transaction: passwords.rehash(transaction, user.id, old=stored, new=hashed)
        )

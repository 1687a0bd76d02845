"""Prove one method of a person; each use is spent in the transaction that accepts it."""

import asyncio
import os
from typing import Final

from assay.access.premises import Premises
from assay.access.steps import PasskeyChallenge
from assay.identities.methods import challenge, passkey, password, recovery_code, totp
from assay.identities.methods.challenge import Purpose
from assay.identities.methods.outcome import Proved, Refusal
from assay.identities.methods.passkey import RelyingParty
from assay.identities.methods.webauthn_json import read_assertion
from assay.identities.records import challenges, passkeys, passwords, recovery_codes, users
from assay.identities.records import totp as totps
from assay.identities.users import User
from assay.policy import Method
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import Reason, UserId

# argon2 fills memory and a core each time; more at once than cores only makes everybody wait longer.
HASHES_AT_ONCE: Final = max(1, os.cpu_count() or 1)
FAILED: Final = Reason.of("signInFailed")


class MethodVerifier:
    """Checks passwords, codes and passkeys against what is stored."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        addresses = premises.addresses
        self.relying_party = RelyingParty(id=addresses.id_host, name="Assay", origins=(addresses.id_origin,))

    async def password(self, user_name: str, given: str) -> tuple[User | None, Proved | Refusal]:
        """Whose password this is; nobody, a wrong password and no password take the same time and answer."""

        user, stored = await self._premises.store.read(
            lambda reader: (
                found := users.by_name(reader, user_name),
                passwords.stored_hash(reader, found.id) if found is not None else None,
            )
        )
        async with self._hashing:
            checked = await asyncio.to_thread(password.check_password, stored, given)
        if user is None or not checked.matches:
            return user, Refusal(reason=FAILED)
        return user, Proved(user_id=user.id, method=Method.PASSWORD, at=self._premises.now())

    async def totp(self, user_id: UserId, given: str) -> Proved | Refusal:
        """A code of the person's authenticator app, used up."""
        return await self._premises.store.write(lambda transaction: self._totp(transaction, user_id, given))

    async def recovery_code(self, user_id: UserId, given: str) -> Proved | Refusal:
        """A recovery code of the person's, used up."""
        digest = recovery_code.code_digest(given)
        if digest is None:
            return Refusal.of("recoveryCodeWrong")
        at = self._premises.now()
        used = await self._premises.store.write(
            lambda transaction: recovery_codes.use(transaction, user_id, digest, at)
        )
        if not used:
            return Refusal.of("recoveryCodeWrong")
        return Proved(user_id=user_id, method=Method.RECOVERY_CODE, at=at)

    async def passkey_options(self, session: Session | None) -> PasskeyChallenge:
        """A ceremony: for anybody without a session, for the session's person with one."""
        user_id = session.user_id if session is not None else None
        purpose = Purpose.SIGN_IN if session is None else Purpose.STEP_UP
        opened = challenge.new_challenge(
            self._premises.random(challenge.OCTETS), purpose=purpose, user_id=user_id, at=self._premises.now()
        )

        def open_ceremony(transaction: Transaction) -> str:
            allowed = passkeys.of_user(transaction, user_id) if user_id is not None else ()
            challenges.insert(transaction, opened)
            return passkey.request_options(self.relying_party, opened, allowed)

        options = await self._premises.store.write(open_ceremony)
        return PasskeyChallenge(options_json=options, handle=opened.value.hex())

    async def passkey(self, session: Session | None, handle: str, response: bytes) -> Proved | Refusal:
        """A passkey's answer to the ceremony with this handle; the ceremony is over, whatever comes of it."""
        answer = read_assertion(response)
        if isinstance(answer, Refusal):
            return answer
        if answer.challenge.hex() != handle:
            return Refusal.of("passkeyWrongChallenge")
        at = self._premises.now()
        user_id = session.user_id if session is not None else None
        purpose = Purpose.SIGN_IN if session is None else Purpose.STEP_UP
        taken = challenge.Challenge(value=answer.challenge, purpose=purpose, user_id=user_id, expires_at=at)

        def close_ceremony(transaction: Transaction) -> passkey.Passkey | None:
            if not challenges.take(transaction, taken.value, purpose=purpose, user_id=user_id, at=at):
                return None
            return passkeys.by_credential(transaction, answer.credential_id)

        known = await self._premises.store.write(close_ceremony)
        if known is None:
            return Refusal.of("passkeyUnknown")
        verified = await asyncio.to_thread(passkey.verify_assertion, self.relying_party, taken, answer, known)
        if isinstance(verified, Refusal):
            return verified
        used = await self._premises.store.write(lambda transaction: passkeys.use(transaction, verified, at))
        if not used:
            return Refusal.of("clonedAuthenticator")
        return Proved(user_id=known.user_id, method=Method.FIDO2, at=at, user_verified=True)

    def _totp(self, transaction: Transaction, user_id: UserId, given: str) -> Proved | Refusal:
        stored = totps.get(transaction, user_id)
        if stored is None:
            return Refusal.of("totpWrong")
        at = self._premises.now()
        secret = self._premises.keyring.open(stored.sealed_secret, context=totp.totp_context(user_id))
        counter = totp.accepted_counter(secret, given, at=at, last_counter=stored.last_counter)
        if isinstance(counter, Reason):
            return Refusal(reason=counter)
        if not totps.use(transaction, user_id, counter):
            return Refusal.of("totpReused")
        return Proved(user_id=user_id, method=Method.SOFTWARE_OATH, at=at)

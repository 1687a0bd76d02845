"""Prove one method of a person; each use is spent in the transaction that accepts it."""

import asyncio
from typing import Final

from assay.access.premises import Premises
from assay.access.steps import PasskeyChallenge
from assay.identities import proving
from assay.identities.hashing import PasswordHashing
from assay.identities.methods import challenge, passkey, password
from assay.identities.methods.challenge import Challenge, Purpose
from assay.identities.methods.outcome import Proved, Refusal
from assay.identities.methods.passkey import RelyingParty
from assay.identities.methods.webauthn_json import read_assertion
from assay.identities.records import challenges, passkeys, passwords, users
from assay.identities.users import User
from assay.sessions.session import Session
from assay.store import Reader, Transaction
from assay.values import Reason, UserId

FAILED: Final = Reason.of("signInFailed")


class MethodVerifier:
    """Checks passwords, codes and passkeys against what is stored."""

    def __init__(self, premises: Premises, hashing: PasswordHashing) -> None:
        self._premises = premises
        self._hashing = hashing
        addresses = premises.addresses
        self.relying_party = RelyingParty(id=addresses.id_host, name="Assay", origins=(addresses.id_origin,))

    async def password(self, user_name: str, given: str) -> tuple[User | None, Proved | Refusal]:
        """Whose password this is; nobody, a wrong password and no password take the same time and answer.

        Raises HashingBusyError.
        """

        def look(reader: Reader) -> tuple[User | None, str | None]:
            user = users.by_name(reader, user_name)
            return user, passwords.stored_hash(reader, user.id) if user is not None else None

        user, stored = await self._premises.store.read(look)
        checked = await self._hashing.check(stored, given)
        if user is not None and stored is not None and checked.matches and checked.outdated:
            await self._rehash(user, stored, given)
        outcome = proving.with_password(checked, user.id if user is not None else None, self._premises.now())
        return user, outcome if isinstance(outcome, Proved) else Refusal(reason=FAILED)

    async def totp(self, user_id: UserId, given: str) -> Proved | Refusal:
        """A code of the person's authenticator app, used up."""
        keyring, at = self._premises.keyring, self._premises.now()
        return await self._premises.store.write(
            lambda transaction: proving.with_totp(transaction, keyring, user_id, given, at)
        )

    async def recovery_code(self, user_id: UserId, given: str) -> Proved | Refusal:
        """A recovery code of the person's, used up."""
        at = self._premises.now()
        return await self._premises.store.write(
            lambda transaction: proving.with_recovery_code(transaction, user_id, given, at)
        )

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

        def close_ceremony(transaction: Transaction) -> tuple[Challenge, passkey.Passkey] | None:
            taken = challenges.take(transaction, answer.challenge, purpose=purpose, user_id=user_id, at=at)
            known = passkeys.by_credential(transaction, answer.credential_id) if taken is not None else None
            return None if taken is None or known is None else (taken, known)

        closed = await self._premises.store.write(close_ceremony)
        if closed is None:
            return Refusal.of("passkeyUnknown")
        taken, known = closed
        verified = await asyncio.to_thread(passkey.verify_assertion, self.relying_party, taken, answer, known)
        if isinstance(verified, Refusal):
            return verified
        return await self._premises.store.write(lambda transaction: proving.with_passkey(transaction, verified, at))

    async def _rehash(self, user: User, stored: str, given: str) -> None:
        """Keep the password under today's parameters, unless it was changed meanwhile."""
        salt = self._premises.random(password.SALT_OCTETS)
        hashed = await self._hashing.hash(given, salt)
        await self._premises.store.write(
            lambda transaction: passwords.rehash(transaction, user.id, old=stored, new=hashed)
        )

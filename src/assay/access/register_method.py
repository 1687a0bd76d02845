"""Register and keep one more method of a person, with its event, in one transaction."""

import asyncio

from assay.access.admission import actor_of, source_of
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.reset_session import registration_refusal
from assay.access.steps import PasskeyChallenge
from assay.access.visitor import Visitor
from assay.events import About, ChangeType, change
from assay.events.types import METHOD_ADDED, PASSWORD_CHANGED
from assay.identities import proving
from assay.identities.hashing import PasswordHashing
from assay.identities.methods import challenge, passkey, password, recovery_code, totp
from assay.identities.methods.challenge import Purpose
from assay.identities.methods.outcome import Refusal
from assay.identities.methods.passkey import RelyingParty
from assay.identities.methods.webauthn_json import read_registration
from assay.identities.records import challenges, passkeys, passwords, recovery_codes
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.policy import Method
from assay.sessions.session import Session
from assay.store import Transaction
from assay.values import Reason, Value

RECOVERY_CODE_BYTES = recovery_code.RANDOM_OCTETS


class KeptMethod(Value, frozen=True, kw_only=True):
    """What the log says of a method: never its secret."""

    method: Method
    name: str = ""
    aaguid: str = ""


class NewTotp(Value, frozen=True, kw_only=True):
    """An authenticator app's key, shown once and not yet proved."""

    secret: str
    uri: str


class MethodRegistrar:
    """Passwords, authenticator apps, passkeys and recovery codes of the person of a session."""

    def __init__(
        self,
        premises: Premises,
        relying_party: RelyingParty,
        hashing: PasswordHashing,
        rules: password.PasswordRules,
    ) -> None:
        self._premises = premises
        self.rules = rules
        self._hashing = hashing
        self._relying_party = relying_party

    async def password(self, user: User, session: Session, visitor: Visitor, given: str) -> Reason | None:
        """Set the password; the reason when it is not acceptable."""
        context = ("assay", *self._premises.addresses.base.split("."))
        reason = password.password_refusal(given, user, context, self.rules)
        if reason is not None:
            return reason
        salt = self._premises.random(password.SALT_OCTETS)
        hashed = await self._hashing.hash(given, salt)
        at = self._premises.now()

        def keep(transaction: Transaction) -> Reason | None:
            ended = registration_refusal(transaction, session, at)
            if ended is not None:
                return ended
            known = passwords.stored_hash(transaction, user.id) is not None
            passwords.put(transaction, user.id, hashed, at)
            kind = PASSWORD_CHANGED if known else METHOD_ADDED
            self._record(transaction, kind, user, session, visitor, KeptMethod(method=Method.PASSWORD))
            return None

        return await self._premises.store.write(keep)

    async def begin_totp(self, user: User, session: Session) -> NewTotp | Reason:
        """A new key, sealed and pending until a code proves that the app has it; why there is none now.

        One key waits for each person, and only the session that began it can see and prove it: another session of
        theirs that begins anew makes this one begin anew too, and never puts its key before the person.
        """
        secret, at = self._premises.random(totp.SECRET_OCTETS), self._premises.now()

        def begin(transaction: Transaction) -> Reason | None:
            ended = registration_refusal(transaction, session, at)
            if ended is None:
                # The keyring as it is when the change is made: a key that was replaced meanwhile must seal nothing.
                proving.begin_totp(transaction, self._premises.keyring, user.id, session.id, secret, at)
            return ended

        return await self._premises.store.write(begin) or self._shown(secret, user)

    async def confirm_totp(
        self, user: User, session: Session, visitor: Visitor, given: str
    ) -> tuple[NewTotp | None, Reason | None]:
        """Prove the pending key by a code; on a wrong one the key is shown again with the reason."""
        at = self._premises.now()

        def confirm(transaction: Transaction) -> Reason | None:
            ended = registration_refusal(transaction, session, at)
            if ended is not None:
                return ended
            outcome = proving.confirm_totp(transaction, self._premises.keyring, user.id, session.id, given, at)
            if isinstance(outcome, Refusal):
                return outcome.reason
            method = KeptMethod(method=Method.SOFTWARE_OATH)
            self._record(transaction, METHOD_ADDED, user, session, visitor, method)
            return None

        refused = await self._premises.store.write(confirm)
        if refused is None:
            return None, None
        secret = await self._premises.store.read(
            lambda reader: proving.pending_totp_secret(reader, self._premises.keyring, user.id, session.id, at)
        )
        return (self._shown(secret, user) if secret is not None else None), refused

    async def passkey_options(self, user: User) -> PasskeyChallenge:
        """A ceremony that makes a passkey for this person."""
        opened = challenge.new_challenge(
            self._premises.random(challenge.OCTETS),
            purpose=Purpose.REGISTER,
            user_id=user.id,
            at=self._premises.now(),
        )

        def open_ceremony(transaction: Transaction) -> str:
            challenges.insert(transaction, opened)
            existing = passkeys.of_user(transaction, user.id)
            return passkey.creation_options(self._relying_party, user, opened, existing)

        options = await self._premises.store.write(open_ceremony)
        return PasskeyChallenge(options_json=options, handle=opened.value.hex())

    async def passkey(
        self, user: User, session: Session, visitor: Visitor, handle: str, response: bytes, name: str
    ) -> Reason | None:
        """Keep the passkey that answered the ceremony with this handle; the reason when it is not acceptable."""
        answer = read_registration(response)
        if isinstance(answer, Refusal):
            return answer.reason
        unnamed = passkey.name_refusal(name)
        if unnamed is not None or answer.challenge.hex() != handle:
            return unnamed or Reason.of("passkeyWrongChallenge")
        at = self._premises.now()
        taken = await self._premises.store.write(
            lambda t: challenges.take(t, answer.challenge, purpose=Purpose.REGISTER, user_id=user.id, at=at)
        )
        if taken is None:
            return Reason.of("passkeyWrongChallenge")
        verified = await asyncio.to_thread(passkey.verify_registration, self._relying_party, taken, answer)
        if isinstance(verified, Refusal):
            return verified.reason
        made = verified.passkey(id=self._premises.new_id(), name=name, at=at)

        def keep(transaction: Transaction) -> Reason | None:
            ended = registration_refusal(transaction, session, at)
            if ended is not None:
                return ended
            taken_already = passkeys.insert(transaction, made)
            if taken_already is None:
                method = KeptMethod(method=Method.FIDO2, name=name, aaguid=made.aaguid)
                self._record(transaction, METHOD_ADDED, user, session, visitor, method)
            return taken_already

        return await self._premises.store.write(keep)

    async def recovery_codes(self, user: User, session: Session, visitor: Visitor) -> tuple[str, ...] | Reason:
        """Ten new codes; those before are void."""
        codes = recovery_code.new_codes(self._premises.random(RECOVERY_CODE_BYTES))
        digests = [digest for code in codes if (digest := recovery_code.code_digest(code)) is not None]
        at = self._premises.now()

        def keep(transaction: Transaction) -> Reason | None:
            ended = registration_refusal(transaction, session, at)
            if ended is not None:
                return ended
            recovery_codes.replace(transaction, user.id, digests, at)
            method = KeptMethod(method=Method.RECOVERY_CODE)
            self._record(transaction, METHOD_ADDED, user, session, visitor, method)
            return None

        return await self._premises.store.write(keep) or codes

    def _shown(self, secret: bytes, user: User) -> NewTotp:
        uri = totp.provisioning_uri(secret, user_name=user.user_name, issuer="Assay")
        return NewTotp(secret=totp.secret_text(secret), uri=uri)

    def _record(
        self,
        transaction: Transaction,
        kind: ChangeType,
        user: User,
        session: Session,
        visitor: Visitor,
        method: KeptMethod,
    ) -> None:
        notice = Notice.PASSWORD_CHANGED if kind is PASSWORD_CHANGED else Notice.METHOD_ADDED
        at, address = self._premises.now(), visitor.address
        tell(self._premises, transaction, user, notice, at=at, method=method.method, name=method.name, address=address)
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=actor_of(user, session.id),
                about=About(user_id=user.id, user_name=user.user_name, session_id=session.id),
                before=None,
                after=method,
                reason=Reason.of("registeredByPerson"),
                source=source_of(visitor),
            ),
        )

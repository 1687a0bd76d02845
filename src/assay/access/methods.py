"""The sign-in methods that people have, as administrators see and remove them."""

from collections.abc import Callable
from datetime import datetime

from assay.access import named
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.events import About, change
from assay.events.types import METHOD_REMOVED
from assay.identities.methods.passkey import Passkey
from assay.identities.records import passkeys, passwords, recovery_codes, totp
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.policy import Method
from assay.sessions.records import last_used as sessions
from assay.store import Reader, Transaction
from assay.values import InvalidInputError, Reason, UserId, Value
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found

PASSWORD, TOTP, RECOVERY_CODES, PASSKEY = "password", "totp", "recoveryCodes", "passkey"
_Remove = Callable[[Transaction, UserId], bool]
REMOVERS: dict[str, _Remove] = {
    PASSWORD: passwords.remove,
    TOTP: totp.remove,
    RECOVERY_CODES: recovery_codes.remove,
}


class HeldMethod(Value, frozen=True, kw_only=True):
    """One method of a person: `id` names it for removal, `remaining` counts recovery codes.

    `last_used_at` of a password goes back as far as sessions are kept.
    """

    id: str
    kind: str
    name: str = ""
    since: datetime | None = None
    last_used_at: datetime | None = None
    remaining: int | None = None


class HeldMethods(Value, frozen=True, kw_only=True):
    """A person's methods."""

    user: User
    methods: tuple[HeldMethod, ...]


class Methods:
    """The flow behind `assay users methods`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, name: str, ask: Ask) -> Found[HeldMethod]:
        """A page of what a person has registered, by its ids; raises NotFoundError."""
        return page_of((await self.held(name)).methods, ask, {"id": lambda held: held.id}, ("id",))

    async def held(self, name: str) -> HeldMethods:
        """What a person has registered; raises NotFoundError."""

        def look(reader: Reader) -> HeldMethods:
            user = named.person(reader, name)
            return HeldMethods(user=user, methods=held_methods(reader, user.id))

        return await self._premises.store.read(look)

    async def remove(self, by: By, name: str, method: str) -> HeldMethods | NotDone:
        """Take a method from a person: `password`, `totp`, `recoveryCodes` or a passkey's id.

        Sessions go on: whoever wants them ended revokes them. Raises NotFoundError.
        """

        def take(transaction: Transaction) -> HeldMethods:
            user = named.person(transaction, name)
            taken = next((held for held in held_methods(transaction, user.id) if held.id == method), None)
            if taken is None:
                raise UndoneError(Reason.of("methodUnknown", method=method))
            if method in REMOVERS:
                REMOVERS[method](transaction, user.id)
            else:
                passkeys.remove(transaction, user.id, method)
            self._premises.record(
                transaction,
                change(
                    METHOD_REMOVED,
                    at=self._premises.now(),
                    actor=by.actor,
                    about=About(user_id=user.id, user_name=user.user_name),
                    before=taken,
                    after=None,
                    reason=by.reason,
                ),
            )
            at = self._premises.now()
            tell(self._premises, transaction, user, Notice.METHOD_REMOVED, at=at, method=taken.kind, name=taken.name)
            return HeldMethods(user=user, methods=held_methods(transaction, user.id))

        if not method:
            raise InvalidInputError("no method named", remedy="list them with: assay users methods list NAME")
        return await attempt(self._premises.store, take, urgent=True)


def held_methods(reader: Reader, user_id: UserId) -> tuple[HeldMethod, ...]:
    """What a person has registered: the password, the authenticator app, passkeys from the oldest on, codes."""
    found: list[HeldMethod] = []
    password_since = passwords.changed_at(reader, user_id)
    if password_since is not None:
        used = sessions.last_proof(reader, user_id, Method.PASSWORD)
        found.append(HeldMethod(id=PASSWORD, kind=PASSWORD, since=password_since, last_used_at=used))
    app = totp.get(reader, user_id)
    if app is not None:
        found.append(HeldMethod(id=TOTP, kind=TOTP, since=app.confirmed_at, last_used_at=app.last_used_at))
    found += [_passkey(each) for each in passkeys.of_user(reader, user_id)]
    codes = recovery_codes.remaining(reader, user_id)
    if codes:
        since, used = recovery_codes.made_and_used(reader, user_id)
        found.append(
            HeldMethod(id=RECOVERY_CODES, kind=RECOVERY_CODES, since=since, last_used_at=used, remaining=codes)
        )
    return tuple(found)


def _passkey(held: Passkey) -> HeldMethod:
    return HeldMethod(id=held.id, kind=PASSKEY, name=held.name, since=held.created_at, last_used_at=held.last_used_at)

"""Authentication contexts, as administrators name them: c1 to c99, which apps ask for and policies are about."""

from typing import Final

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.premises import Premises
from assay.access.seen_version import WHATEVER, Seen
from assay.access.signals import read_policy_set
from assay.events import About, Entity, change
from assay.events.types import CONTEXT_CHANGED
from assay.governance.authentication_contexts import ID, AuthenticationContext
from assay.governance.records import authentication_contexts as contexts
from assay.governance.records import rollouts
from assay.policy.amended import own_part
from assay.policy.graph_json import Json, MalformedError, Node
from assay.store import Reader, Transaction
from assay.values import NotFoundError, Reason

MAX_NAME: Final = 256


class AuthenticationContexts:
    """The flow behind `authenticationContextClassReferences`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def every(self) -> tuple[AuthenticationContext, ...]:
        """All that have a name, by number."""
        return await self._premises.store.read(contexts.every)

    async def show(self, name: str) -> AuthenticationContext:
        """One of them by id; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: _named(reader, name))

    async def put(self, by: By, name: str, body: Json, *, seen: Seen = WHATEVER) -> AuthenticationContext | NotDone:
        """Name a context, or change what the body names of it, as Graph's PATCH does both; raises MalformedError."""
        context_id = name.strip().lower()
        if not ID.fullmatch(context_id):
            raise MalformedError(("id",), "unknownWord", value=name[:40], known="c1 to c99")
        part = own_part(body)

        def put(transaction: Transaction) -> AuthenticationContext:
            before = next((each for each in contexts.every(transaction) if each.id == context_id), None)
            if before is not None:
                seen.refuse_other(before)
            after = _read(part, context_id, before)
            if after != before:
                contexts.put(transaction, after)
                self._record(transaction, by, before, after)
            return after

        return await attempt(self._premises.store, put)

    async def remove(self, by: By, name: str, *, seen: Seen = WHATEVER) -> AuthenticationContext | NotDone:
        """Take the name of a context away; refused while a policy is about it."""

        def remove(transaction: Transaction) -> AuthenticationContext:
            context = _named(transaction, name)
            seen.refuse_other(context)
            about = [
                policy.display_name
                for policy in (*read_policy_set(transaction).policies, *rollouts.going_back_to(transaction))
                if context.id in policy.conditions.applications.include_authentication_context_class_references
            ]
            if about:
                raise UndoneError(Reason.of("contextInUse", policies=", ".join(dict.fromkeys(about))))
            contexts.remove(transaction, context.id)
            self._record(transaction, by, context, None)
            return context

        return await attempt(self._premises.store, remove)

    def _record(
        self,
        transaction: Transaction,
        by: By,
        before: AuthenticationContext | None,
        after: AuthenticationContext | None,
    ) -> None:
        subject = after or before
        assert subject is not None
        event = change(
            CONTEXT_CHANGED,
            at=self._premises.now(),
            actor=by.actor,
            about=About(entity=Entity(uid=subject.id, name=subject.display_name, type="authenticationContext")),
            before=before,
            after=after,
            reason=by.reason,
        )
        self._premises.record(transaction, event)


def _named(reader: Reader, name: str) -> AuthenticationContext:
    wanted = name.strip().lower()
    for context in contexts.every(reader):
        if context.id == wanted:
            return context
    raise NotFoundError(f"the authentication context {name!r} has no name", remedy="name it with PATCH; c1 to c99")


def _read(part: dict[str, Json], context_id: str, before: AuthenticationContext | None) -> AuthenticationContext:
    node = Node(part, (), [])
    name, description, available = node.text("displayName"), node.text("description"), node.boolean("isAvailable")
    node.finish()
    found = before or AuthenticationContext(id=context_id, display_name="")
    after = AuthenticationContext(
        id=context_id,
        display_name=found.display_name if name is None else name.strip(),
        description=found.description if description is None else description,
        is_available=found.is_available if available is None else available,
    )
    if not after.display_name or len(after.display_name) > MAX_NAME or not after.display_name.isprintable():
        raise MalformedError(("displayName",), "required")
    return after

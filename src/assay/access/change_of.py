"""Who may change whom, asked in the transaction that changes: what memory said when the request came may be over."""

from datetime import datetime

from assay.access.attempt import By, UndoneError
from assay.access.authorize import authorize_change_of
from assay.access.reset_scope import roles_of
from assay.apps.records import credentials
from assay.events import Actor
from assay.events.envelope import ActorKind
from assay.identities.records import users
from assay.store import Reader
from assay.values import CredentialId, RoleId, UserId


def refuse_change_of(reader: Reader, by: By, user_id: UserId, at: datetime) -> None:
    """Raises UndoneError where this actor may not change this person, by the roles that both hold in this transaction.

    A user of the host may: whoever holds the database file is above every role in it.
    """
    if by.actor.kind not in (ActorKind.USER, ActorKind.PROGRAM):
        return
    refused = authorize_change_of(_held(reader, by.actor, at), roles_of(reader, user_id))
    if refused is not None:
        raise UndoneError(refused)


def _held(reader: Reader, actor: Actor, at: datetime) -> frozenset[RoleId]:
    """The roles of somebody who acts; none of an account that was switched off, or a token that is gone."""
    uid = actor.user.uid or ""
    if actor.kind is ActorKind.PROGRAM:
        token = credentials.get(reader, CredentialId(uid))
        return (
            frozenset() if token is None or not token.alive(at) or token.role_id is None else frozenset({token.role_id})
        )
    user = users.get(reader, UserId(uid))
    return frozenset() if user is None or not user.enabled else roles_of(reader, user.id)

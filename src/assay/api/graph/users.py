"""/v1.0/users: people as Graph's user, and ending their sessions at once."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.directory import Directory, ListedPerson
from assay.access.people import People
from assay.access.revoke_sessions import Sessions
from assay.api.errors import done
from assay.api.graph.asking import Asking, answers, entity_answer, link_of
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EQUALITY, EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.governance.roles import role_name
from assay.policy import UserKind
from assay.values import RoleId, Wire
from assay.values.asking import Order

USER_TYPES: Final = {UserKind.MEMBER: "Member", UserKind.GUEST: "Guest", UserKind.CUSTOMER: "Customer"}


class RoleShape(Wire, frozen=True, kw_only=True):
    """A directory role by its template id."""

    id: str
    display_name: str


class UserMethods(Wire, frozen=True, kw_only=True):
    """What somebody can prove; counts of passkeys and unused recovery codes."""

    password: bool
    totp: bool
    passkeys: int
    recovery_codes: int
    phishing_resistant: bool


class UserExtras(Wire, frozen=True, kw_only=True):
    """What Graph's user has no place for; roles are active now, through groups too."""

    roles: tuple[RoleShape, ...]
    methods: UserMethods
    open_sessions: int
    emergency_access: bool


class SignInActivity(Wire, frozen=True, kw_only=True):
    """Graph's signInActivity."""

    last_sign_in_date_time: datetime | None


class UserShape(Wire, frozen=True, kw_only=True):
    """Graph's user."""

    id: str
    user_principal_name: str
    display_name: str
    mail: str | None
    user_type: str
    account_enabled: bool
    created_date_time: datetime
    sign_in_activity: SignInActivity
    assay: UserExtras


class UserPatch(Wire, frozen=True, kw_only=True):
    """What can be changed of somebody; what is left out stays."""

    account_enabled: bool | None = None
    display_name: str | None = None


class RevokedExtras(Wire, frozen=True, kw_only=True):
    """What was ended, and how long cutting took after the commit."""

    sessions: int
    connections_cut: int
    connections_open: int
    milliseconds: float


class Revoked(Wire, frozen=True, kw_only=True):
    """The answer of Graph's revokeSignInSessions: when it comes, what was open is cut."""

    odata_context: str = msgspec.field(name="@odata.context")
    value: bool
    assay: RevokedExtras


def user_shape(listed: ListedPerson) -> UserShape:
    """A person as Graph shows them."""
    user, held = listed.user, listed.methods
    return UserShape(
        id=user.id,
        user_principal_name=user.user_name,
        display_name=user.display_name,
        mail=user.email or None,
        user_type=USER_TYPES[user.kind],
        account_enabled=user.enabled,
        created_date_time=user.created_at,
        sign_in_activity=SignInActivity(last_sign_in_date_time=listed.last_sign_in),
        assay=UserExtras(
            roles=tuple(map(_role, listed.roles)),
            methods=UserMethods(
                password=held.password,
                totp=held.totp,
                passkeys=held.passkeys,
                recovery_codes=held.recovery_codes,
                phishing_resistant=held.passkeys > 0,
            ),
            open_sessions=listed.open_sessions,
            emergency_access=listed.emergency_access,
        ),
    )


def _role(role_id: RoleId) -> RoleShape:
    return RoleShape(id=role_id, display_name=role_name(role_id))


USERS: Final = Resource(
    path="/users",
    permission=Permission.USER_READ_ALL,
    asked=Collection(
        name="users",
        properties=(
            Property(path="id", field="id"),
            Property(path="userPrincipalName", field="user_key", folded=True, text_search=True, ordered=True),
            Property(path="displayName", field="display_name", operators=EQUALITY, text_search=True, ordered=True),
            Property(path="mail", field="email", text_search=True),
            Property(path="userType", field="kind", spelled={name: kind.value for kind, name in USER_TYPES.items()}),
            Property(path="accountEnabled", field="enabled", kind=Kind.FLAG),
            Property(
                path="createdDateTime", field="created_at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True
            ),
        ),
        selectable=members_of(UserShape),
        order=Order(field="user_key"),
        key=(("user_key", Kind.TEXT),),
        searched=True,
    ),
    shape=UserShape,
    words="People, in the order of their names.",
    find=lambda graph, ask: graph.reading.directory.people(ask),
    show=user_shape,
    one=lambda graph, name: graph.reading.directory.person(name),
    one_words="One person, by id or userPrincipalName.",
)


@patch("/users/{name:str}", opt={"permission": Permission.USER_READ_WRITE_ALL}, responses=answers(UserShape))
async def change_user(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[UserPatch],
    directory: NamedDependency[Directory],
    people: NamedDependency[People],
    by: NamedDependency[By],
) -> Response[bytes]:
    """Switch an account on or off, or rename the person; a switched off account loses what it had open at once."""
    user_id = (await directory.person(name)).user.id
    done(await people.change(by, user_id, display_name=data.display_name, enabled=data.account_enabled))
    return entity_answer(request, user_shape(await directory.person(user_id)), USERS.asked)


@post(
    "/users/{name:str}/revokeSignInSessions",
    status_code=200,
    opt={"permission": Permission.USER_REVOKE_SESSIONS_ALL},
)
async def revoke_sign_in_sessions(
    request: Asking,
    name: FromPath[str],
    sessions: NamedDependency[Sessions],
    by: NamedDependency[By],
) -> Revoked:
    """End every session of a person; answers when what they had open is cut."""
    revoked = done(await sessions.revoke(by, user=name))
    return Revoked(
        odata_context=f"{link_of(request).root}/$metadata#Edm.Boolean",
        value=True,
        assay=RevokedExtras(
            sessions=len(revoked.sessions),
            connections_cut=revoked.cut.connections,
            connections_open=revoked.cut.still_open,
            milliseconds=revoked.cut.milliseconds,
        ),
    )


ROUTES: Final = (change_user, revoke_sign_in_sessions)

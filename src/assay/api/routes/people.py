"""/v1/users: people, enrolment links, methods."""

from datetime import timedelta
from typing import Final

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from assay.access.attempt import By
from assay.access.methods import HeldMethod, HeldMethods, Methods
from assay.access.people import Ended, People, PersonDetails, Welcome
from assay.api.errors import done
from assay.api.shapes.people import (
    EndedShape,
    MethodList,
    MethodShape,
    MethodsShape,
    NamedShape,
    NewLink,
    NewUser,
    UnlockedShape,
    UserChange,
    UserDetailsShape,
    UserList,
    UserShape,
    WelcomeShape,
)
from assay.governance.roles import role_name
from assay.identities.users import User
from assay.policy import UserKind
from assay.values import InvalidInputError


@get("/users")
async def list_users(
    people: NamedDependency[People],
    search: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int] = 100,
) -> UserList:
    """People in the order of their names."""
    page = await people.search(search, after=after, limit=limit)
    return UserList(value=tuple(map(user_shape, page.users)), next=page.after)


@post("/users", status_code=201)
async def add_user(data: JSONBody[NewUser], people: NamedDependency[People], by: NamedDependency[By]) -> WelcomeShape:
    """Make a person; the answer holds the enrolment link, this once."""
    return _welcome(
        done(
            await people.add(
                by,
                user_name=data.user_principal_name,
                display_name=data.display_name,
                kind=_kind(data.user_type),
                email=data.mail,
                lifetime=_hours(data.link_hours),
            )
        )
    )


@get("/users/{name:str}")
async def show_user(name: FromPath[str], people: NamedDependency[People]) -> UserDetailsShape:
    """One person, by id or name."""
    return _details(await people.show(name))


@patch("/users/{name:str}")
async def edit_user(
    name: FromPath[str], data: JSONBody[UserChange], people: NamedDependency[People], by: NamedDependency[By]
) -> UserShape:
    """Change a person."""
    return user_shape(
        done(
            await people.edit(
                by,
                name,
                user_name=data.user_principal_name,
                display_name=data.display_name,
                kind=None if data.user_type is None else _kind(data.user_type),
                email=data.mail,
            )
        )
    )


@delete("/users/{name:str}", status_code=200)
async def remove_user(name: FromPath[str], people: NamedDependency[People], by: NamedDependency[By]) -> EndedShape:
    """Forget a person."""
    return _ended(done(await people.remove(by, name)))


@post("/users/{name:str}/disable", status_code=200)
async def disable_user(name: FromPath[str], people: NamedDependency[People], by: NamedDependency[By]) -> EndedShape:
    """Shut a person out; every session ends."""
    return _ended(done(await people.disable(by, name)))


@post("/users/{name:str}/enable", status_code=200)
async def enable_user(name: FromPath[str], people: NamedDependency[People], by: NamedDependency[By]) -> UserShape:
    """Let a person in again."""
    return user_shape(done(await people.enable(by, name)))


@post("/users/{name:str}/unlock", status_code=200)
async def unlock_user(name: FromPath[str], people: NamedDependency[People], by: NamedDependency[By]) -> UnlockedShape:
    """Look at a person's passwords and codes again, after too many failed."""
    unlocked = await people.unlock(by, name)
    return UnlockedShape(user=user_shape(unlocked.user), methods=tuple(method.value for method in unlocked.methods))


@post("/users/{name:str}/enrolmentLinks", status_code=201)
async def enrol_user(
    name: FromPath[str], data: JSONBody[NewLink], people: NamedDependency[People], by: NamedDependency[By]
) -> WelcomeShape:
    """A new enrolment link in place of an earlier one."""
    return _welcome(done(await people.enrol(by, name, lifetime=_hours(data.link_hours), recover=data.recover)))


@get("/users/{name:str}/authentication/methods")
async def list_methods(name: FromPath[str], methods: NamedDependency[Methods]) -> MethodList:
    """What a person has registered."""
    return _methods(await methods.held(name))


@delete("/users/{name:str}/authentication/methods/{method:str}", status_code=200)
async def remove_method(
    name: FromPath[str], method: FromPath[str], methods: NamedDependency[Methods], by: NamedDependency[By]
) -> MethodList:
    """Take a method from a person; the answer is what is left."""
    return _methods(done(await methods.remove(by, name, method)))


ROUTES: Final = (
    list_users,
    add_user,
    show_user,
    edit_user,
    remove_user,
    disable_user,
    enable_user,
    unlock_user,
    enrol_user,
    list_methods,
    remove_method,
)


def user_shape(user: User) -> UserShape:
    """A person as the API shows it."""
    return UserShape(
        id=user.id,
        user_principal_name=user.user_name,
        display_name=user.display_name,
        user_type=user.kind.value,
        mail=user.email,
        account_enabled=user.enabled,
        created_date_time=user.created_at,
    )


def _welcome(welcome: Welcome) -> WelcomeShape:
    return WelcomeShape(
        user=user_shape(welcome.user),
        enrolment_url=welcome.link.url,
        expires_date_time=welcome.link.expires_at,
    )


def _ended(ended: Ended) -> EndedShape:
    return EndedShape(user=user_shape(ended.user), sessions_ended=len(ended.sessions))


def _details(details: PersonDetails) -> UserDetailsShape:
    held = details.methods
    return UserDetailsShape(
        user=user_shape(details.user),
        methods=MethodsShape(
            password=held.password,
            totp=held.totp,
            passkeys=held.passkeys,
            recovery_codes=held.recovery_codes,
            complete=held.complete,
        ),
        groups=tuple(NamedShape(id=group.id, name=group.name) for group in details.groups),
        roles=tuple(
            NamedShape(id=role_id, name=role_name(role_id))
            for role_id in dict.fromkeys(each.role_id for each in details.roles)
        ),
        apps=tuple(NamedShape(id=app.id, name=app.name) for app in details.apps),
    )


def _methods(held: HeldMethods) -> MethodList:
    return MethodList(user=user_shape(held.user), value=tuple(map(_method, held.methods)))


def _method(held: HeldMethod) -> MethodShape:
    return MethodShape(
        id=held.id,
        kind=held.kind,
        name=held.name,
        since=held.since,
        last_used=held.last_used_at,
        remaining=held.remaining,
    )


def _kind(text: str) -> UserKind:
    try:
        return UserKind(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in UserKind)
        raise InvalidInputError(f"{text!r} is no kind of person", remedy=f"use one of: {kinds}") from None


def _hours(hours: float) -> timedelta:
    try:
        return timedelta(hours=hours)
    except (OverflowError, ValueError):
        raise InvalidInputError(f"{hours} hours cannot be counted", remedy="use 0.2 to 720") from None

"""The routes that make, change and remove one thing of a collection of Conditional Access: read and refused alike."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol, TypeVar

from litestar import Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By, NotDone
from assay.access.authorize import Permission
from assay.access.seen_version import Seen
from assay.api.errors import done
from assay.api.graph.asking import Asking, IfMatch, Override, answers, body_of, nothing, seen_of
from assay.api.graph.resource import Resource
from assay.api.published import with_effect
from assay.api.writing import Writing
from assay.policy.graph_json import Json

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
BODY_LIMIT: Final = 1024 * 1024  # one thing; Entra's largest policy with every list full is below 200 kB
WRITE: Final = {"permission": Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS}


class Amend(Protocol[T_co]):
    """Changes what a body names of the thing with this name, where it is the version that was seen."""

    def __call__(self, by: By, name: str, body: Json, *, seen: Seen) -> Awaitable[T_co | NotDone]: ...


class Remove(Protocol):
    """Removes the thing with this name, where it is the version that was seen."""

    def __call__(self, by: By, name: str, *, seen: Seen) -> Awaitable[object]: ...


def making(
    resource: Resource[T],
    create: Callable[[Writing], Callable[[By, Json], Awaitable[T | NotDone]]],
    id_of: Callable[[T], str],
    words: str,
) -> HTTPRouteHandler:
    """POST to the collection; 201 with what was made and where it is."""

    async def make(
        request: Asking,
        data: JSONBody[dict[str, object]],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        override: Override = None,
    ) -> Response[bytes]:
        made = done(await create(writing)(by, await body_of(request)))
        return await with_effect(request, by, resource.answer(request, made, created=id_of(made)))

    return post(
        resource.path,
        status_code=201,
        request_max_body_size=BODY_LIMIT,
        opt=WRITE,
        responses=answers(resource.shape, 201),
        summary=words,
        description=words,
    )(make)


def changing(resource: Resource[T], amend: Callable[[Writing], Amend[T]], words: str) -> HTTPRouteHandler:
    """PATCH of one thing."""

    async def change(
        request: Asking,
        name: FromPath[str],
        data: JSONBody[dict[str, object]],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        if_match: IfMatch = None,
        override: Override = None,
    ) -> Response[bytes]:
        changed = await amend(writing)(by, name, await body_of(request), seen=seen_of(request))
        return await with_effect(request, by, resource.answer(request, done(changed)))

    return patch(
        f"{resource.path}/{{name:str}}",
        request_max_body_size=BODY_LIMIT,
        opt=WRITE,
        responses=answers(resource.shape),
        summary=words,
        description=words,
    )(change)


def removing(resource: Resource[T], remove: Callable[[Writing], Remove], words: str) -> HTTPRouteHandler:
    """DELETE of one thing."""

    async def take_away(
        request: Asking,
        name: FromPath[str],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        if_match: IfMatch = None,
        override: Override = None,
    ) -> Response[None]:
        done(await remove(writing)(by, name, seen=seen_of(request)))
        return await with_effect(request, by, Response(None, status_code=HTTPStatus.NO_CONTENT))

    return delete(
        f"{resource.path}/{{name:str}}",
        status_code=204,
        opt=WRITE,
        responses=nothing(),
        summary=words,
        description=words,
    )(take_away)

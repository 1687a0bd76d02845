"""/v1.0/applications: protected apps as Graph's application, and who may use them."""

from datetime import datetime
from typing import Final

from assay.access.authorize import Permission
from assay.access.directory import ListedApp
from assay.access.named import Named
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.governance.assignments import HolderKind
from assay.values import Wire
from assay.values.asking import Order


class WebShape(Wire, frozen=True, kw_only=True):
    """Graph's webApplication."""

    home_page_url: str


class AssignedShape(Wire, frozen=True, kw_only=True):
    """Somebody, or a group, who may use the app."""

    id: str
    display_name: str


class ApplicationExtras(Wire, frozen=True, kw_only=True):
    """Where the app is, and who may use it at all; `public_paths`: where nobody needs to be known."""

    name: str
    url: str
    upstream: str
    allowed_origins: tuple[str, ...]
    public_paths: tuple[str, ...]
    assigned_users: tuple[AssignedShape, ...]
    assigned_groups: tuple[AssignedShape, ...]


class ApplicationShape(Wire, frozen=True, kw_only=True):
    """Graph's application; `appId` is the id."""

    id: str
    app_id: str
    display_name: str
    created_date_time: datetime
    web: WebShape
    assay: ApplicationExtras


def _shape(listed: ListedApp) -> ApplicationShape:
    app = listed.app
    return ApplicationShape(
        id=app.id,
        app_id=app.id,
        display_name=app.display_name,
        created_date_time=app.created_at,
        web=WebShape(home_page_url=listed.url),
        assay=ApplicationExtras(
            name=app.name,
            url=listed.url,
            upstream="" if app.upstream is None else app.upstream.url,
            allowed_origins=app.allowed_origins,
            public_paths=listed.public_paths,
            assigned_users=_holders(listed.assigned, HolderKind.USER),
            assigned_groups=_holders(listed.assigned, HolderKind.GROUP),
        ),
    )


def _holders(assigned: tuple[Named, ...], kind: HolderKind) -> tuple[AssignedShape, ...]:
    return tuple(AssignedShape(id=each.id, display_name=each.name) for each in assigned if each.kind is kind)


APPLICATIONS: Final = Resource(
    path="/applications",
    permission=Permission.APPLICATION_READ_ALL,
    asked=Collection(
        name="applications",
        properties=(
            Property(path="id", field="id"),
            Property(path="appId", field="id"),
            Property(path="displayName", field="display_name", folded=True, text_search=True, ordered=True),
            Property(path="assay/name", field="name", folded=True, text_search=True, ordered=True),
            Property(
                path="createdDateTime", field="created_at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True
            ),
        ),
        selectable=members_of(ApplicationShape),
        order=Order(field="display_name"),
        key=(("id", Kind.TEXT),),
        searched=True,
    ),
    shape=ApplicationShape,
    words="Apps, in the order of their titles.",
    find=lambda graph, ask: graph.reading.directory.apps(ask),
    show=_shape,
    one=lambda graph, name: graph.reading.directory.app(name),
    one_words="One app, by id or name.",
)

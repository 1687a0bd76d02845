"""/v1/identity/conditionalAccess/policies/replay: a draft held against what was decided; nothing is stored."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from assay.access.import_policies import ImportOptions
from assay.access.replay import ChangedDecisions, NamedCount, Replayed, Replays
from assay.api.routes.policies import BASE, IMPORT_LIMIT, dangling_shapes, state_of
from assay.api.shapes.replays import ChangeShape, CountShape, ReplayReport, ReplayRequest
from assay.policy import SourceFile


@post(f"{BASE}/replay", status_code=200, request_max_body_size=IMPORT_LIMIT)
async def replay_policies(data: JSONBody[ReplayRequest], replays: NamedDependency[Replays]) -> ReplayReport:
    """Who would newly be refused, asked for more, or let in."""
    options = ImportOptions(
        mapping=tuple((each.old, each.new) for each in data.map),
        state=None if data.state is None else state_of(data.state),
        dry_run=True,
        roles_by_name=True,
    )
    files = tuple(SourceFile(name=file.name, content=file.content, unreadable=file.unreadable) for file in data.files)
    return _report(await replays.replay(files, options, whole=data.whole, since=data.since))


ROUTES: Final = (replay_policies,)


def _report(found: Replayed) -> ReplayReport:
    return ReplayReport(
        whole=found.replaces,
        drafted=found.drafted,
        not_on=found.not_on,
        dangling=dangling_shapes(found.dangling),
        first=found.first,
        last=found.last,
        decisions=found.decisions,
        unchanged=found.unchanged,
        changes=tuple(map(_change, found.changes)),
        unasked=found.unasked,
        unreadable=found.unreadable,
        without_set=found.without_set,
        differently=found.differently,
        differently_example=found.differently_example,
    )


def _change(found: ChangedDecisions) -> ChangeShape:
    return ChangeShape(
        change=found.kind.value,
        count=found.count,
        already=found.already,
        people=tuple(map(_count, found.people)),
        apps=tuple(map(_count, found.apps)),
        policies=tuple(map(_count, found.policies)),
        beyond=found.beyond,
    )


def _count(found: NamedCount) -> CountShape:
    return CountShape(id=found.id, name=found.name, count=found.count, example=found.example)

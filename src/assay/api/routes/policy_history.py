"""/v1/identity/conditionalAccess/policies/{name}/versions and restore, and what differs between two policies."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.policy_history import PolicyHistory, PolicyVersion, Side
from assay.api.errors import done
from assay.api.overriding import overriding
from assay.api.published import published_shape, told
from assay.api.routes.policies import BASE, IMPORT_LIMIT, policy_shape
from assay.api.shapes.policies import PolicyShape
from assay.api.shapes.policy_history import (
    Differences,
    DifferenceShape,
    DiffRequest,
    SideShape,
    VersionList,
    VersionShape,
    VersionToRestore,
)
from assay.policy import SourceFile


@get(f"{BASE}/{{name:str}}/versions")
async def list_versions(name: FromPath[str], policy_history: NamedDependency[PolicyHistory]) -> VersionList:
    """Every version of a policy, the last first; of one that is gone by its id."""
    return VersionList(value=tuple(map(_version, await policy_history.versions(name))))


@post(f"{BASE}/{{name:str}}/restore", status_code=200)
async def restore_version(
    name: FromPath[str],
    data: JSONBody[VersionToRestore],
    policy_history: NamedDependency[PolicyHistory],
    by: NamedDependency[By],
) -> PolicyShape:
    """Store a version of before as a new one, by the checks of every change."""
    restored = done(await policy_history.restore(overriding(by, data.override), name, data.version))
    return replace(policy_shape(restored), published=await told(by))


@post(f"{BASE}/diff", status_code=200, request_max_body_size=IMPORT_LIMIT)
async def diff_policies(data: JSONBody[DiffRequest], policy_history: NamedDependency[PolicyHistory]) -> Differences:
    """What differs between two policies, versions or files."""
    found = await policy_history.diff(_side(data.before), _side(data.after))
    return Differences(
        before=found.before.display_name,
        after=found.after.display_name,
        value=tuple(
            DifferenceShape(
                path=each.path,
                what=each.what,
                before=each.before,
                after=each.after,
                added=each.added,
                removed=each.removed,
            )
            for each in found.differences
        ),
    )


ROUTES = (list_versions, restore_version, diff_policies)


def _version(found: PolicyVersion) -> VersionShape:
    policy = found.policy
    return VersionShape(
        version=found.number,
        at=found.at,
        by=found.by,
        display_name=None if policy is None else policy.display_name,
        state=None if policy is None else policy.state.value,
        effect=found.told.effect,
        published=None if found.told.published is None else published_shape(found.told.published),
    )


def _side(side: SideShape) -> Side:
    file = None if side.file is None else SourceFile(name=side.file.name, content=side.file.content)
    return Side(name=side.name, version=side.version, file=file)

"""/v1.0/assay/policies/rollouts: policies that are rolled out in stages."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.authorize import Caller, Permission, permissions_of
from assay.access.roll_out import RollOuts
from assay.api.errors import done
from assay.api.graph.asking import Asking
from assay.api.graph.changes import WRITE
from assay.api.graph_answers import permitted_to_override
from assay.api.overriding import overriding
from assay.api.published import wish_to_wait
from assay.api.routes.policies import IMPORT_LIMIT
from assay.api.routes.rollouts import rollout_shape, seen_step, started, told_of, wish_of
from assay.api.shapes.rollouts import RolloutList, RolloutShape, RolloutStart, RolloutStep

PATH: Final = "/assay/policies/rollouts"
READ: Final = {"permission": Permission.POLICY_READ_ALL}


@get(PATH, opt=READ)
async def list_rollouts(roll_outs: NamedDependency[RollOuts]) -> RolloutList:
    """Every rollout that is not over."""
    return RolloutList(value=tuple(map(rollout_shape, await roll_outs.every())))


@post(PATH, status_code=200, request_max_body_size=IMPORT_LIMIT, opt=WRITE)
async def start_rollout(
    request: Asking,
    data: JSONBody[RolloutStart],
    roll_outs: NamedDependency[RollOuts],
    caller: NamedDependency[Caller],
    by: NamedDependency[By],
) -> RolloutShape:
    """Begin a rollout in report-only, or with `onWithin` at once with everybody, to be confirmed."""
    by = permitted_to_override(caller, overriding(by, data.override))
    return await told_of(by, await started(by, data, roll_outs), seconds=wish_to_wait(request))


@get(f"{PATH}/{{name:str}}", opt=READ)
async def show_rollout(
    name: FromPath[str], roll_outs: NamedDependency[RollOuts], caller: NamedDependency[Caller]
) -> RolloutShape:
    """The rollout of one policy, with what was decided since its stage began; names for who may read people."""
    found = rollout_shape(await roll_outs.show(name))
    if found.evidence is None or Permission.USER_READ_ALL in permissions_of(caller.roles):
        return found
    return replace(found, evidence=replace(found.evidence, administrators=(), shows=None))


@post(f"{PATH}/{{name:str}}/advance", status_code=200, opt=WRITE)
async def advance_rollout(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[RolloutStep],
    roll_outs: NamedDependency[RollOuts],
    caller: NamedDependency[Caller],
    by: NamedDependency[By],
) -> RolloutShape:
    """Take the next step: to the people of a group, to so many of a hundred, or to everybody."""
    by = permitted_to_override(caller, overriding(by, data.override))
    return await told_of(by, await roll_outs.advance(by, name, wish_of(data)), seconds=wish_to_wait(request))


@post(f"{PATH}/{{name:str}}/confirm", status_code=200, opt=WRITE)
async def confirm_rollout(
    name: FromPath[str], roll_outs: NamedDependency[RollOuts], by: NamedDependency[By], since: FromQuery[str] = ""
) -> RolloutShape:
    """Let the last step stand; with `since` only where it is the one of that instant."""
    return rollout_shape(done(await roll_outs.confirm(by, name, seen=seen_step(since))))


@post(f"{PATH}/{{name:str}}/back", status_code=200, opt=WRITE)
async def go_back(
    request: Asking,
    name: FromPath[str],
    roll_outs: NamedDependency[RollOuts],
    by: NamedDependency[By],
    since: FromQuery[str] = "",
) -> RolloutShape:
    """Go back to what stood before the last step; with `since` only where it is the one of that instant."""
    back = await roll_outs.back(by, name, seen=seen_step(since))
    return await told_of(by, back, seconds=wish_to_wait(request))


ROUTES: Final = (list_rollouts, start_rollout, show_rollout, advance_rollout, confirm_rollout, go_back)

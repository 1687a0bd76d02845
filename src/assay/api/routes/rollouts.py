"""/v1/identity/conditionalAccess/policies/rollouts: policies that are rolled out in stages."""

from datetime import datetime, timedelta
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By, NotDone
from assay.access.roll_out import Draft, RollOuts, ShownRollout, Wish
from assay.access.rollout_evidence import Evidence
from assay.api.errors import done
from assay.api.overriding import overriding
from assay.api.published import SECONDS, told
from assay.api.routes.policies import BASE, IMPORT_LIMIT, dangling_shapes
from assay.api.sentences import sentence
from assay.api.shapes.rollouts import EvidenceShape, RolloutList, RolloutShape, RolloutStart, RolloutStep
from assay.governance.rollouts import placed
from assay.policy import SourceFile
from assay.values import InvalidInputError

PATH: Final = f"{BASE}/rollouts"


@get(PATH)
async def list_rollouts(roll_outs: NamedDependency[RollOuts]) -> RolloutList:
    """Every rollout that is not over."""
    return RolloutList(value=tuple(map(rollout_shape, await roll_outs.every())))


@post(PATH, status_code=200, request_max_body_size=IMPORT_LIMIT)
async def start_rollout(
    data: JSONBody[RolloutStart], roll_outs: NamedDependency[RollOuts], by: NamedDependency[By]
) -> RolloutShape:
    """Begin a rollout in report-only, or with `onWithin` at once with everybody, to be confirmed."""
    return await told_of(by, await started(by, data, roll_outs), seconds=patience(data.on_within))


@get(f"{PATH}/{{name:str}}")
async def show_rollout(name: FromPath[str], roll_outs: NamedDependency[RollOuts]) -> RolloutShape:
    """The rollout of one policy, with what was decided since its stage began."""
    return rollout_shape(await roll_outs.show(name))


@post(f"{PATH}/{{name:str}}/advance", status_code=200)
async def advance_rollout(
    name: FromPath[str], data: JSONBody[RolloutStep], roll_outs: NamedDependency[RollOuts], by: NamedDependency[By]
) -> RolloutShape:
    """Take the next step."""
    by = overriding(by, data.override)
    return await told_of(by, await roll_outs.advance(by, name, wish_of(data)), seconds=patience(data.confirm_within))


@post(f"{PATH}/{{name:str}}/confirm", status_code=200)
async def confirm_rollout(
    name: FromPath[str], roll_outs: NamedDependency[RollOuts], by: NamedDependency[By], since: FromQuery[str] = ""
) -> RolloutShape:
    """Let the last step stand; `since`: only where it is the one of that instant."""
    return rollout_shape(done(await roll_outs.confirm(by, name, seen=seen_step(since))))


@post(f"{PATH}/{{name:str}}/back", status_code=200)
async def go_back(
    name: FromPath[str], roll_outs: NamedDependency[RollOuts], by: NamedDependency[By], since: FromQuery[str] = ""
) -> RolloutShape:
    """Go back to what stood before the last step; `since`: only where it is the one of that instant."""
    return await told_of(by, await roll_outs.back(by, name, seen=seen_step(since)), seconds=SECONDS)


ROUTES: Final = (list_rollouts, start_rollout, show_rollout, advance_rollout, confirm_rollout, go_back)


async def started(by: By, data: RolloutStart, roll_outs: RollOuts) -> ShownRollout | NotDone:
    """Begin what is asked for; the same for every API."""
    on_within = None if data.on_within is None else within_of(data.on_within) or timedelta()
    return await roll_outs.start(overriding(by, data.override), _draft(data), on_within=on_within)


async def told_of(by: By, result: ShownRollout | NotDone, *, seconds: float) -> RolloutShape:
    """A rollout after a step, with what was proved of it by then; raises ChangeRefusedError."""
    return replace(rollout_shape(done(result)), published=await told(by, seconds=seconds))


def seen_step(since: str) -> datetime | None:
    """The instant of the step that was looked at, as an answer said it; raises InvalidInputError."""
    if not since:
        return None
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInputError("that is no instant", remedy="give `since` as the rollout's answer says it")
    return found


def patience(confirm_within: float | None) -> float:
    """For how long the solver is waited for: whoever has seconds to confirm a step must be told of it at once."""
    return min(SECONDS, confirm_within / 10) if confirm_within else SECONDS


def _draft(data: RolloutStart) -> Draft:
    file = None if data.file is None else SourceFile(name=data.file.name, content=data.file.content)
    mapping = tuple((each.old, each.new) for each in data.map)
    return Draft(of=data.of, file=file, mapping=mapping, waived=data.waive)


def wish_of(data: RolloutStep) -> Wish:
    """Where to go next; raises InvalidInputError where that is not one thing."""
    if sum((bool(data.group), bool(data.percent), data.everyone)) != 1:
        raise InvalidInputError(
            "the next step is to a group, to so many of a hundred, or to everybody",
            remedy="give one of --group, --percent and --everyone",
        )
    return Wish(group=data.group, percent=data.percent, within=within_of(data.confirm_within), anyway=data.anyway)


def within_of(seconds: float) -> timedelta | None:
    """How long a step waits for its confirmation; None for 0. Raises InvalidInputError for what is no time."""
    try:
        return timedelta(seconds=seconds) or None
    except (OverflowError, ValueError):
        raise InvalidInputError(f"{seconds} seconds are no time", remedy="give such as 600") from None


def rollout_shape(found: ShownRollout) -> RolloutShape:
    """A rollout as every API tells of it."""
    rollout = found.rollout
    over = RolloutShape(
        policy=found.name,
        policy_id=found.policy_id,
        state=None if found.policy is None else found.policy.state.value,
        stage=None,
        evidence=_evidence(found.evidence),
    )
    if rollout is None:
        return over
    step = rollout.step
    beside = placed(rollout, step.stage, step.cohort).companion
    return replace(
        over,
        stage=step.stage.value,
        companion_id=None if beside is None else beside.id,
        by=step.by,
        since=step.at,
        confirm_by=step.confirm_by,
        steps=len(rollout.steps),
        people=None if step.cohort is None else len(step.cohort.people),
        group=None if step.cohort is None else step.cohort.group or None,
        percent=None if step.cohort is None else step.cohort.percent or None,
        stuck=None if found.stuck is None else sentence(found.stuck)[0],
        dangling=dangling_shapes(found.dangling),
    )


def _evidence(found: Evidence | None) -> EvidenceShape | None:
    if found is None:
        return None
    return EvidenceShape(
        since=found.since,
        decisions=found.decisions,
        refused=found.refused,
        stepped_up=found.stepped_up,
        people=found.people,
        administrators=found.administrators,
        complete=found.complete,
        reported=found.reported,
        shows=found.shows,
    )

"""/v1/breakGlass: emergency access accounts, their drills and reviews."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.break_glass import BreakGlass
from assay.api.errors import done
from assay.api.shapes.break_glass import (
    BreakGlassAccountShape,
    BreakGlassLink,
    BreakGlassShape,
    BreakGlassUseList,
    BreakGlassUseShape,
    DrillShape,
    EnrolBreakGlass,
    Review,
)
from assay.governance.break_glass import BreakGlassUse


@get("/breakGlass")
async def show_break_glass(break_glass: NamedDependency[BreakGlass]) -> BreakGlassShape:
    """The accounts, and what is due."""
    found = await break_glass.look()
    return BreakGlassShape(
        accounts=tuple(
            BreakGlassAccountShape(
                number=each.number,
                user=each.user.user_name,
                passkeys=each.passkeys,
                last_emergency=each.last_emergency,
                last_drill=each.last_drill,
                drill_due=each.drill_due,
                rotation_due=each.rotation_due,
            )
            for each in found.accounts
        ),
        open_reviews=len(found.open_reviews),
        drill_until=found.drill_until,
    )


@get("/breakGlass/uses")
async def list_uses(break_glass: NamedDependency[BreakGlass]) -> BreakGlassUseList:
    """Every use, newest first."""
    names = await _names(break_glass)
    return BreakGlassUseList(value=tuple(_use(each, names) for each in await break_glass.uses()))


@post("/breakGlass/{number:int}/enrolmentLinks", status_code=200)
async def enrol_break_glass(
    number: FromPath[int],
    data: JSONBody[EnrolBreakGlass],
    break_glass: NamedDependency[BreakGlass],
    by: NamedDependency[By],
) -> BreakGlassLink:
    """A link by which the account registers a passkey."""
    link = done(await break_glass.enrol(by, number, replace=data.replace))
    return BreakGlassLink(enrolment_url=link.url, expires_date_time=link.expires_at)


@post("/breakGlass/drill", status_code=200)
async def start_drill(break_glass: NamedDependency[BreakGlass], by: NamedDependency[By]) -> DrillShape:
    """From now on a sign-in is a drill, for a while."""
    return DrillShape(until=await break_glass.drill(by))


@post("/breakGlass/uses/{use:str}/review", status_code=200)
async def review_use(
    use: FromPath[str],
    data: JSONBody[Review],
    break_glass: NamedDependency[BreakGlass],
    by: NamedDependency[By],
) -> BreakGlassUseShape:
    """Close the review of a use."""
    reviewed = done(await break_glass.review(by, use, reviewer=data.by, finding=data.finding))
    return _use(reviewed, await _names(break_glass))


ROUTES: Final = (show_break_glass, list_uses, enrol_break_glass, start_drill, review_use)


async def _names(break_glass: BreakGlass) -> dict[str, str]:
    return {each.user.id: each.user.user_name for each in (await break_glass.look()).accounts}


def _use(use: BreakGlassUse, names: dict[str, str]) -> BreakGlassUseShape:
    return BreakGlassUseShape(
        id=use.id,
        user=names.get(use.user_id, use.user_id),
        purpose=use.purpose.value,
        at=use.at,
        address=use.address,
        reviewed_at=use.reviewed_at,
        reviewed_by=use.reviewed_by,
        finding=use.finding,
        open=use.open,
    )

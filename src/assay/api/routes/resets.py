"""/v1/methodResets: reset somebody's sign-in methods, by two."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.resets import Resets, ResetView
from assay.api.errors import done
from assay.api.shapes.resets import NewReset, ResetApproval, ResetLinkShape, ResetList, ResetShape


@get("/methodResets")
async def list_resets(resets: NamedDependency[Resets], by: NamedDependency[By]) -> ResetList:
    """The open resets, oldest first."""
    return ResetList(value=tuple(map(_shape, await resets.open(by))))


@post("/methodResets", status_code=201)
async def request_reset(
    data: JSONBody[NewReset], resets: NamedDependency[Resets], by: NamedDependency[By]
) -> ResetShape:
    """Ask for a reset."""
    return _shape(done(await resets.request(by, data.user_principal_name, data.reason)))


@post("/methodResets/{reset_id:str}/approve", status_code=200)
async def approve_reset(
    reset_id: FromPath[str], data: JSONBody[ResetApproval], resets: NamedDependency[Resets], by: NamedDependency[By]
) -> ResetShape:
    """Approve what somebody else asked for; root may do so alone, with a reason."""
    return _shape(done(await resets.approve(by, reset_id, override=data.override)))


@post("/methodResets/{reset_id:str}/link", status_code=201)
async def hand_out_link(
    reset_id: FromPath[str], resets: NamedDependency[Resets], by: NamedDependency[By]
) -> ResetLinkShape:
    """The one-time link."""
    found = done(await resets.hand_out(by, reset_id))
    return ResetLinkShape(
        user_principal_name=found.user.user_name,
        enrolment_url=found.link.url,
        expires_date_time=found.link.expires_at,
    )


@post("/methodResets/{reset_id:str}/cancel", status_code=200)
async def cancel_reset(reset_id: FromPath[str], resets: NamedDependency[Resets], by: NamedDependency[By]) -> ResetShape:
    """Call a reset off."""
    return _shape(done(await resets.cancel(by, reset_id)))


ROUTES: Final = (list_resets, request_reset, approve_reset, hand_out_link, cancel_reset)


def _shape(view: ResetView) -> ResetShape:
    reset = view.reset
    return ResetShape(
        id=reset.id,
        user_id=reset.user_id,
        user_principal_name=view.user.user_name,
        reason=reset.reason,
        required=reset.required.value,
        requested_by=reset.requested_by.name,
        requested_date_time=reset.requested_at,
        approved_by=tuple(given.name for given in reset.approvals),
        waits_until_date_time=reset.waits_until,
        expires_date_time=reset.expires_at,
        state=_state(view),
    )


def _state(view: ResetView) -> str:
    if view.reset.end is not None:
        return view.reset.end.value
    if view.reset.session_id is not None:
        return "begun"
    if view.reset.pass_id is not None:
        return "linkHandedOut"
    return "approved" if view.reset.approvals else "requested"

"""Method resets as the API shows them."""

from datetime import datetime

from assay.values import Wire


class NewReset(Wire, frozen=True, kw_only=True):
    """Whose methods are to be reset, and why."""

    user_principal_name: str
    reason: str


class ResetApproval(Wire, frozen=True, kw_only=True):
    """`override`: root's reason to approve what root asked for."""

    override: str = ""


class ResetShape(Wire, frozen=True, kw_only=True):
    """One reset."""

    id: str
    user_id: str
    user_principal_name: str
    reason: str
    required: str
    requested_by: str
    requested_date_time: datetime
    approved_by: tuple[str, ...]
    waits_until_date_time: datetime
    expires_date_time: datetime
    state: str


class ResetList(Wire, frozen=True, kw_only=True):
    """The open resets."""

    value: tuple[ResetShape, ...]


class ResetLinkShape(Wire, frozen=True, kw_only=True):
    """The link, this once."""

    user_principal_name: str
    enrolment_url: str
    expires_date_time: datetime

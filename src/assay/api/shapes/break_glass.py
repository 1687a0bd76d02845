"""Emergency access."""

from datetime import datetime

from assay.values import Wire


class BreakGlassAccountShape(Wire, frozen=True, kw_only=True):
    """One account; `drill_due` and `rotation_due`: what doctor nags about."""

    number: int
    user: str
    passkeys: int
    last_emergency: datetime | None
    last_drill: datetime | None
    drill_due: bool
    rotation_due: bool


class BreakGlassUseShape(Wire, frozen=True, kw_only=True):
    """One use; `purpose` is enrolment, drill or emergency, and only the last demands a review."""

    id: str
    user: str
    purpose: str
    at: datetime
    address: str
    reviewed_at: datetime | None
    reviewed_by: str
    finding: str
    open: bool


class BreakGlassShape(Wire, frozen=True, kw_only=True):
    """The accounts, how many reviews are open, and until when a drill is under way."""

    accounts: tuple[BreakGlassAccountShape, ...]
    open_reviews: int
    drill_until: datetime | None


class BreakGlassUseList(Wire, frozen=True, kw_only=True):
    """Uses, newest first."""

    value: tuple[BreakGlassUseShape, ...]


class BreakGlassLink(Wire, frozen=True, kw_only=True):
    """A link as it is handed over, once."""

    enrolment_url: str
    expires_date_time: datetime


class EnrolBreakGlass(Wire, frozen=True, kw_only=True):
    """`replace`: take the keys that the account has."""

    replace: bool = False


class DrillShape(Wire, frozen=True, kw_only=True):
    """Until when a sign-in counts as a drill."""

    until: datetime


class Review(Wire, frozen=True, kw_only=True):
    """Who reviewed a use, and what was found."""

    by: str
    finding: str

"""One-time enrolment links: the only way to hand a person the first methods."""

from datetime import datetime, timedelta

from assay.access.attempt import By, UndoneError
from assay.access.notices import tell
from assay.access.premises import Addresses, Premises
from assay.events import About, change
from assay.events.types import ENROLMENT_LINK_ISSUED
from assay.identities.methods.enrolment import (
    OCTETS,
    EnrolmentPass,
    EnrolmentPurpose,
    lifetime_refusal,
    new_pass_code,
    pass_digest,
)
from assay.identities.records import enrolments, methods
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.store import Reader, Transaction
from assay.values import Reason, UserId, Value


class EnrolmentLink(Value, frozen=True, kw_only=True):
    """A link as it is handed over, once: only a digest of it is kept."""

    id: str
    url: str
    purpose: EnrolmentPurpose
    expires_at: datetime


class IssuedLink(Value, frozen=True, kw_only=True):
    """What the log says of a link: not its code."""

    id: str
    purpose: EnrolmentPurpose
    expires_at: datetime


def enrolment_url(addresses: Addresses, code: str) -> str:
    """The page where the person uses the code."""
    return f"{addresses.id_origin}/enrol/{code}"


def takes_over(reader: Reader, user: User, purpose: EnrolmentPurpose) -> bool:
    """Whether this link lets in beside methods that the person has: then they are told, whatever it was made for."""
    return purpose is not EnrolmentPurpose.ENROL or bool(methods.summary(reader, user.id).methods)


def issue_link(
    premises: Premises,
    transaction: Transaction,
    user: User,
    by: By,
    lifetime: timedelta,
    *,
    purpose: EnrolmentPurpose = EnrolmentPurpose.ENROL,
    beside: bool = False,
) -> EnrolmentLink:
    """A link for this person in place of an earlier one, or `beside` it, until one of them is used.

    Raises UndoneError for a disabled person or a bad lifetime.
    """
    refusal = lifetime_refusal(lifetime)
    if refusal is None and not user.enabled:
        refusal = Reason.of("userDisabled")
    if refusal is not None:
        raise UndoneError(refusal)
    at = premises.now()
    code = new_pass_code(premises.random(OCTETS))
    digest = pass_digest(code)
    assert digest is not None
    issued = EnrolmentPass(
        id=premises.new_id(),
        user_id=user.id,
        purpose=purpose,
        digest=digest,
        created_at=at,
        expires_at=at + lifetime,
        created_by=None if by.actor.user.uid is None else UserId(by.actor.user.uid),
    )
    (enrolments.add if beside else enrolments.insert)(transaction, issued)
    premises.record(
        transaction,
        change(
            ENROLMENT_LINK_ISSUED,
            at=at,
            actor=by.actor,
            about=About(user_id=user.id, user_name=user.user_name),
            before=None,
            after=IssuedLink(id=issued.id, purpose=purpose, expires_at=issued.expires_at),
            reason=by.reason,
        ),
    )
    if purpose is not EnrolmentPurpose.RESET and takes_over(transaction, user, purpose):
        # One administrator alone can do this: whoever is taken over hears of it before the link is used.
        tell(premises, transaction, user, Notice.RECOVERY_REQUESTED, at=at, by=by.actor.user.name or "")
    url = enrolment_url(premises.addresses, code)
    return EnrolmentLink(id=issued.id, url=url, purpose=purpose, expires_at=issued.expires_at)

"""What was proved of a publication: told to whoever made it, and kept in the log."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from assay.access.attempt import By
from assay.access.draft_proofs import Asked, Proof
from assay.access.lock_out import emergency_access
from assay.access.premises import Premises
from assay.access.publications import STATEMENT, TIGHTENING, Published
from assay.events import About, Actor, Entity, Event, change
from assay.events.types import POLICY_PROVED
from assay.policy import PolicySet, policy_set_hash
from assay.policy.effect import Effect, plain_effect
from assay.store import Transaction
from assay.values import Reason, Value

LOCK_OUT: Final = "an administrator can reach the console and the own pages in one sign-in"
BREAK_GLASS: Final = "an emergency access account gets in, whatever is published"


class Made(Value, frozen=True, kw_only=True):
    """A publication as it was made: the sets before and after, what was stored, what the change itself found out.

    `versions`: the numbers of policies' versions by id; `enters`: an administrator who gets in; `held`: the invariants.
    `able`: some administrator has a method to sign in with.
    `compared`: decides as `before` does for everybody there is, so that the effect is asked beside it.
    """

    before: PolicySet
    compared: PolicySet
    after: PolicySet
    digest: str
    versions: Mapping[str, int]
    at: datetime
    enters: str
    able: bool
    held: tuple[Proof, ...]


def say_what_is_proved(premises: Premises, transaction: Transaction, by: By, made: Made) -> None:
    """To be called in the transaction that publishes.

    Nothing is kept in the log where nothing changed that decides. What takes a solver is asked once it is committed.
    """
    effect = plain_effect(made.compared, made.after)
    published = Published(
        at=made.at,
        effect=Effect.BEING_PROVED if effect is None else effect,
        replaced=policy_set_hash(made.before),
        policy_set_hash=made.digest,
        versions=dict(made.versions),
        proofs=(
            *_at_once(transaction, made),
            *(() if effect is None else (_plain(effect, merged=made.compared != made.before),)),
        ),
    )
    if effect is None:
        asked = Asked(in_force=made.compared, draft=made.after, questions=(TIGHTENING,))
        keep = partial(_keep, premises)
        transaction.afterwards(lambda: premises.publications.begin(published, asked, keep, by.receipt))
        return
    if effect is Effect.TIGHTENS:
        premises.record(transaction, _event(premises, published))
    if by.receipt is not None:
        transaction.afterwards(partial(by.receipt.tell, published))


def _at_once(transaction: Transaction, made: Made) -> tuple[Proof, ...]:
    """What the engine found out itself: it let these people in."""
    emergency = emergency_access(transaction, made.at)
    nobody = ("refuted", "no administrator who could prove anything does, nor did one by the policies of before")
    if not made.able:
        nobody = ("notKnown", "no administrator has a sign-in method yet")
    none = "there is no such account with a passkey"
    return (
        _witnessed("lock-out", LOCK_OUT, made.enters, nobody),
        _witnessed("break-glass", BREAK_GLASS, ", ".join(emergency), ("notKnown", none)),
        *made.held,
    )


def _witnessed(question: str, statement: str, who: str, otherwise: tuple[str, str]) -> Proof:
    result, why = ("proved", f"for example: {who}") if who else otherwise
    return Proof(question=question, statement=statement, result=result, why=(why,))


def _plain(effect: Effect, *, merged: bool) -> Proof:
    if effect is Effect.UNCHANGED:
        why = "nothing changed that decides"
    elif merged:
        why = "whoever is in the cohort is judged as before, and for the others policies only add to what is demanded"
    else:
        why = "every policy that was on is still on, and policies only add to what is demanded"
    return Proof(question=TIGHTENING, statement=STATEMENT, result="proved", why=(why,))


async def _keep(premises: Premises, published: Published) -> None:
    event = _event(premises, published)
    await premises.store.write(lambda transaction: premises.record(transaction, event))


def _event(premises: Premises, published: Published) -> Event:
    return change(
        POLICY_PROVED,
        at=premises.now(),
        actor=Actor.system(),
        about=About(entity=Entity(uid=published.policy_set_hash, type="policySet")),
        before=None,
        after=published,
        reason=Reason.of("publicationProved", effect=published.effect.value),
    )

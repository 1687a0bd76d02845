"""The session that the link of a method reset begins: it registers methods and opens nothing else."""

from datetime import datetime

from assay.identities.records import resets
from assay.policy import Method, Proof
from assay.sessions.records import sessions
from assay.sessions.session import Session
from assay.store import Reader
from assay.values import Reason

PASSES = frozenset({Method.TEMPORARY_ACCESS_PASS_ONE_TIME, Method.TEMPORARY_ACCESS_PASS_MULTI_USE})


def began_by_link(proofs: tuple[Proof, ...]) -> bool:
    """Whether a one-time link is among what was proved: only then can a session be a reset's."""
    return any(proof.method in PASSES for proof in proofs)


def by_link_alone(proofs: tuple[Proof, ...]) -> bool:
    """Whether nothing but a one-time link was shown."""
    return all(proof.method in PASSES for proof in proofs)


def confined(reader: Reader, session: Session) -> bool:
    """Whether this session may only register methods: it was begun by the link of a reset."""
    return began_by_link(session.proofs) and resets.of_session(reader, session.id) is not None


def registration_refusal(reader: Reader, session: Session, at: datetime) -> Reason | None:
    """Why nothing can be registered in this session at this moment, read in the transaction that would.

    A session that was cut must not leave a method behind; and while a reset is under way, its session alone registers:
    what a thief's session adds meanwhile would pass for one of the new methods.
    """
    current = sessions.get(reader, session.id)
    if current is None or not current.alive(at):
        return Reason.of("sessionEnded")
    reset = resets.open_of(reader, session.user_id, at)
    if reset is not None and reset.session_id not in (None, session.id):
        return Reason.of("resetUnderWay")
    return None

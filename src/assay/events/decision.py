"""What is kept of a decision, so that it can be explained and made again next year."""

from datetime import datetime
from hashlib import sha256
from typing import Final, NewType

import msgspec

from assay.events.canonical import canonical
from assay.events.envelope import Applied, DecisionReference, Ocsf
from assay.events.event import SALT_BYTES
from assay.events.tree import salted_leaf
from assay.policy.decision import AppliedPolicy, Decision
from assay.values import AppId, Reason, SessionId, UserId, Value

DecisionId = NewType("DecisionId", str)

SHORT_CODE_LENGTH: Final = 8
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class DecisionEntry(Value, frozen=True, kw_only=True):
    """A decision without its instant: equal entries are repeats.

    `snapshot` is the canonical JSON of everything the engine was told but the instant; keep one `bytes` object per
    session and app and hand in that same one, so that a repeat costs a look-up.
    """

    session_id: SessionId | None
    user_id: UserId | None
    app_id: AppId | None
    outcome: str
    policy_set_hash: str
    snapshot: bytes
    engine_version: str
    # Of the engine's whole answer: limits, what was missing, until when; so that "the same" means to the last bit.
    answer_hash: str = ""
    reasons: tuple[Reason, ...] = ()
    applied: tuple[Applied, ...] = ()

    @classmethod
    def of(
        cls,
        decision: Decision,
        *,
        session_id: SessionId | None,
        user_id: UserId | None,
        app_id: AppId | None,
        snapshot: bytes,
        engine_version: str,
    ) -> "DecisionEntry":
        """What is kept of the engine's answer, report-only policies included."""
        return cls(
            session_id=session_id,
            user_id=user_id,
            app_id=app_id,
            outcome=decision.outcome.value,
            policy_set_hash=decision.policy_set_hash,
            snapshot=snapshot,
            engine_version=engine_version,
            answer_hash=answer_hash(decision),
            reasons=decision.reasons,
            applied=tuple(_applied(policy) for policy in (*decision.applied, *decision.report_only)),
        )

    @property
    def snapshot_hash(self) -> str:
        return sha256(self.snapshot).hexdigest()

    def reference(self, decision_id: DecisionId) -> DecisionReference:
        """What an event says of this decision."""
        return DecisionReference(
            uid=decision_id,
            outcome=self.outcome,
            policy_set_hash=self.policy_set_hash,
            snapshot_hash=self.snapshot_hash,
            engine_version=self.engine_version,
            applied=self.applied,
        )


class DecisionRecord(Ocsf, frozen=True, kw_only=True):
    """A decision as it is kept: `count` equal ones from `at` to `last_at`."""

    uid: DecisionId
    at: datetime
    last_at: datetime
    count: int
    session_id: SessionId | None = None
    user_id: UserId | None = None
    app_id: AppId | None = None
    outcome: str
    policy_set_hash: str
    snapshot_hash: str
    engine_version: str
    answer_hash: str = ""
    reasons: tuple[Reason, ...] = ()
    applied: tuple[Applied, ...] = ()

    @property
    def short_code(self) -> str:
        return short_code(self.uid)


class SaltedDecision(Value, frozen=True, kw_only=True):
    """A record with the bytes that are hashed: a leaf of its batch's own tree."""

    record: DecisionRecord
    text: str
    salt: bytes
    row_hash: bytes


def record_of(
    entry: DecisionEntry, decision_id: DecisionId, *, at: datetime, last_at: datetime, count: int
) -> DecisionRecord:
    """The record of `count` equal decisions."""
    return DecisionRecord(
        uid=decision_id,
        at=at,
        last_at=last_at,
        count=count,
        session_id=entry.session_id,
        user_id=entry.user_id,
        app_id=entry.app_id,
        outcome=entry.outcome,
        policy_set_hash=entry.policy_set_hash,
        snapshot_hash=entry.snapshot_hash,
        engine_version=entry.engine_version,
        answer_hash=entry.answer_hash,
        reasons=entry.reasons,
        applied=entry.applied,
    )


def salted(record: DecisionRecord, salt: bytes) -> SaltedDecision:
    """The record as a leaf; `salt`: 32 fresh random bytes."""
    assert len(salt) == SALT_BYTES
    text = canonical(record)
    return SaltedDecision(record=record, text=text.decode(), salt=salt, row_hash=salted_leaf(salt, text))


# What answers say since they were first kept, as it stands where there is nothing of it: said only where there is, so
# that the hashes of answers that were kept before stay the same.
_UNSAID = (
    b',"disable_resilience_defaults":false',
    (
        b',"application_enforced_restrictions":false,"cloud_app_security":null,"continuous_access_evaluation":null'
        b',"secure_sign_in_session":false,"network_access_security":[],"global_secure_access_filtering_profiles":[]'
    ),
    b',"subject":null',
)


def answer_hash(decision: Decision) -> str:
    """SHA-256 of the whole answer, sets and maps in a fixed order."""
    encoded = msgspec.json.encode(decision.whole, order="deterministic")
    for unsaid in _UNSAID:
        encoded = encoded.replace(unsaid, b"")
    return sha256(encoded).hexdigest()


def short_code(decision_id: DecisionId) -> str:
    """Forty bits of the id in Crockford's base 32, to be read out on the telephone."""
    number = int(decision_id.replace("-", "")[:10], 16)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(35, -1, -5))


def read_short_code(text: str) -> str:
    """A short code as a person typed it: any case, with hyphens, O for 0, I and L for 1."""
    return text.strip().upper().translate(_READ_AS)


def _applied(policy: AppliedPolicy) -> Applied:
    return Applied(policy=policy.policy, name=policy.display_name, result=policy.result.value)

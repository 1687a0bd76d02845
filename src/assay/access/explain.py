"""Explain a recorded decision: make it again from what was kept, and say whether it comes out the same to the bit."""

from collections import OrderedDict
from typing import Final

from assay import __version__
from assay.access.policy_sets import kept_policy_set
from assay.access.premises import Premises
from assay.access.programs import INVALID
from assay.access.snapshot import decode_snapshot
from assay.access.standing import UNAVAILABLE
from assay.access.ways_in import way_in_of
from assay.apps.records import apps, credentials
from assay.events import DecisionEntry, DecisionRecord
from assay.events.records.decisions import find_decisions, snapshot
from assay.identities.records import users
from assay.policy import AccessRequest, CompiledPolicySet, Explanation, compile_policies, explain
from assay.policy.targets import NAMED_TARGETS
from assay.policy.way_in import WayIn
from assay.store import Reader
from assay.values import ConflictError, CredentialId, NotFoundError, Value

# Reasons of what no policy was asked for (`refusal` in access/decide.py): there is nothing to make again.
UNASKED: Final = (
    UNAVAILABLE
    | INVALID
    | {"publicPath", "credentialMethod", "credentialPath", "credentialLocation"}
    | {"userDisabled", "methodsNeedStrongSignIn"}
)


COMPILED: Final = 2  # sets that are kept compiled


class Account(Value, frozen=True, kw_only=True):
    """A decision as recorded, what was asked, and the explanation by today's engine.

    `way_in`: the cheapest changes by which the person would be let in; None where there is nothing to say.
    `same`: whether making it again gives exactly what was recorded; None where no policy was asked at the time.
    """

    record: DecisionRecord
    request: AccessRequest
    explanation: Explanation
    same: bool | None
    engine_now: str
    user_name: str
    app_name: str
    way_in: WayIn | None = None
    places: tuple[tuple[str, str], ...] = ()  # names of the places in it, by id


class Decisions:
    """The flow behind `assay explain`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        # One after another is often asked of one set, and to compile a large one takes longer than all the rest.
        self._compiled: OrderedDict[str, CompiledPolicySet] = OrderedDict()

    async def explain(self, id_or_code: str) -> Account:
        """Explain the decision with this id or short code.

        Raises NotFoundError where it is not kept (any more), ConflictError where a short code means several.
        """
        return await self._premises.store.read(lambda reader: self._account(reader, id_or_code))

    def _account(self, reader: Reader, id_or_code: str) -> Account:
        record = _record(reader, id_or_code)
        compiled = self._compiled.get(record.policy_set_hash)
        if compiled is None:
            policy_set = kept_policy_set(reader, record.policy_set_hash)
            compiled = None if policy_set is None else compile_policies(policy_set)
        if compiled is not None:
            self._compiled[record.policy_set_hash] = compiled
            while len(self._compiled) > COMPILED:
                self._compiled.popitem(last=False)
        return _account(reader, record, compiled)


def _account(reader: Reader, record: DecisionRecord, compiled: CompiledPolicySet | None) -> Account:
    signals = snapshot(reader, record.snapshot_hash)
    if signals is None or compiled is None:
        missing = "signals" if signals is None else "policies"
        raise NotFoundError(f"the {missing} of this decision are not kept any more", remedy="they may be in a backup")
    request = decode_snapshot(signals, record.at)
    explanation = explain(compiled, request)
    unasked = any(reason.code in UNASKED for reason in record.reasons)
    return Account(
        record=record,
        request=request,
        explanation=explanation,
        same=None if unasked else _same(record, explanation, signals),
        engine_now=__version__,
        user_name=_user_name(reader, record),
        app_name=_app_name(reader, record),
        way_in=None if unasked else way_in_of(reader, record, request, compiled),
        places=tuple((place.id, place.display_name) for place in compiled.policy_set.locations),
    )


def _record(reader: Reader, id_or_code: str) -> DecisionRecord:
    found = find_decisions(reader, id_or_code)
    if not found:
        raise NotFoundError(
            f"no decision {id_or_code!r} is kept", remedy="decisions appear within a second; old ones may be pruned"
        )
    if len(found) > 1:
        ids = ", ".join(record.uid for record in found[:10])
        raise ConflictError(f"{id_or_code!r} means several decisions", remedy=f"use an id: {ids}")
    return found[0]


def _same(record: DecisionRecord, explanation: Explanation, signals: bytes) -> bool:
    again = DecisionEntry.of(
        explanation.decision,
        session_id=record.session_id,
        user_id=record.user_id,
        app_id=record.app_id,
        snapshot=signals,
        engine_version=record.engine_version,
    )
    return (
        again.outcome == record.outcome
        and again.policy_set_hash == record.policy_set_hash
        and again.snapshot_hash == record.snapshot_hash
        and again.answer_hash == record.answer_hash
        and again.reasons == record.reasons
        and again.applied == record.applied
    )


def _user_name(reader: Reader, record: DecisionRecord) -> str:
    if record.user_id:
        user = users.get(reader, record.user_id)
        return user.user_name if user is not None else ""
    for reason in record.reasons:
        if reason.code == "publicPath":
            return f"public path {dict(reason.parameters)['name']}"
    found = credentials.get(reader, CredentialId(record.session_id)) if record.session_id else None
    return f"credential {found.name}" if found is not None else ""


def _app_name(reader: Reader, record: DecisionRecord) -> str:
    if record.app_id is None:
        return ""
    app = apps.get(reader, record.app_id)
    return app.name if app is not None else NAMED_TARGETS.get(record.app_id, "")

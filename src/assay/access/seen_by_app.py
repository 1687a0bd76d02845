"""The question as it was asked at an app's host: the person may reach that from another address than the own pages."""

import msgspec

from assay.access.decide import Judgement, judge_request
from assay.access.premises import Premises
from assay.access.signals import Signals, Subject
from assay.access.snapshot import decode_snapshot
from assay.events.records.decisions import find_decisions, snapshot
from assay.policy import AccessRequest, AppTarget
from assay.sessions.session import Session
from assay.store import Reader


async def judge_as_seen_by_app(
    premises: Premises, signals: Signals, subject: Subject, session: Session, here: Judgement, code: str
) -> Judgement:
    """Ask again with what was seen of the client in the decision with this short code, on the signals of now.

    `here` where there is no such decision of this session on this app: a code from elsewhere says nothing.
    """

    def look(reader: Reader) -> AccessRequest | None:
        target = here.request.target
        for record in find_decisions(reader, code):
            same = isinstance(target, AppTarget) and record.app_id == target.app_id and record.session_id == session.id
            kept = snapshot(reader, record.snapshot_hash) if same else None
            if kept is not None:
                return decode_snapshot(kept, record.at)
        return None

    there = await premises.store.read(look)
    if there is None:
        return here
    seen = {"client_app": there.client_app, "platform": there.platform, "address": there.address}
    return judge_request(signals, subject, msgspec.structs.replace(here.request, **seen))

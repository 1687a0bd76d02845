"""Anything by a few letters of it: people, groups, apps, policies, and what ids and short codes name exactly."""

from enum import StrEnum
from typing import Final

from assay.access.premises import Premises
from assay.apps.records import apps
from assay.events.decision import read_short_code
from assay.events.records.decisions import find_decisions
from assay.governance.records import policies
from assay.identities.records import groups, users
from assay.sessions.records import sessions
from assay.store import Reader
from assay.values import SessionId, Value
from assay.values.asking import folded

EACH: Final = 5
LONGEST: Final = 200


class Kind(StrEnum):
    """What was found."""

    USER = "user"
    GROUP = "group"
    APPLICATION = "application"
    POLICY = "policy"
    SESSION = "session"
    DECISION = "decision"


class Hit(Value, frozen=True, kw_only=True):
    """One thing that was found."""

    kind: Kind
    id: str
    title: str
    subtitle: str


class Find:
    """The flow behind the search of everything."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def find(self, text: str, kinds: frozenset[Kind]) -> tuple[Hit, ...]:
        """At most five of each of these kinds; nothing for a text that is empty or longer than any name."""
        wanted = text.strip()
        if not wanted or len(wanted) > LONGEST or not wanted.isprintable():
            return ()
        return await self._premises.store.read_list(lambda reader: self._find(reader, wanted, kinds))

    def _find(self, reader: Reader, text: str, kinds: frozenset[Kind]) -> tuple[Hit, ...]:
        found = (
            *_exact(self._premises, reader, text),
            *_people(reader, text),
            *_apps(self._premises, reader, folded(text)),
            *_named(reader, folded(text)),
        )
        return tuple(hit for hit in found if hit.kind in kinds)


def _exact(premises: Premises, reader: Reader, text: str) -> tuple[Hit, ...]:
    session = sessions.get(reader, SessionId(text.lower()))
    hits: list[Hit] = []
    if session is not None and session.alive(premises.now()):
        user = users.get(reader, session.user_id)
        name = session.user_id if user is None else user.user_name
        hits.append(Hit(kind=Kind.SESSION, id=session.id, title=name, subtitle=session.address))
    if len(read_short_code(text)) == 8 or len(text) == 36:
        hits += [
            Hit(kind=Kind.DECISION, id=each.uid, title=each.short_code, subtitle=each.outcome)
            for each in find_decisions(reader, text)[:EACH]
        ]
    return tuple(hits)


def _people(reader: Reader, text: str) -> tuple[Hit, ...]:
    return tuple(
        Hit(kind=Kind.USER, id=user.id, title=user.display_name, subtitle=user.user_name)
        for user in users.search(reader, text=text, limit=EACH).users
    )


def _apps(premises: Premises, reader: Reader, text: str) -> tuple[Hit, ...]:
    return tuple(
        Hit(
            kind=Kind.APPLICATION,
            id=app.id,
            title=app.display_name,
            subtitle=app.host(premises.addresses.base),
        )
        for app in apps.every(reader)
        if text in folded(f"{app.name}\n{app.display_name}")
    )[:EACH]


def _named(reader: Reader, text: str) -> tuple[Hit, ...]:
    in_groups = tuple(
        Hit(kind=Kind.GROUP, id=group.id, title=group.name, subtitle=group.description)
        for group in groups.all_groups(reader)
        if text in folded(group.name)
    )
    in_policies = tuple(
        Hit(kind=Kind.POLICY, id=policy.id, title=policy.display_name, subtitle=policy.state.value)
        for policy in policies.every(reader)
        if text in folded(policy.display_name)
    )
    return (*in_groups[:EACH], *in_policies[:EACH])

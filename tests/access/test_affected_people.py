"""Whom each policy is about: counted once for a state of affairs, and anew for the next."""

import asyncio
from datetime import UTC, datetime

from assay.access.affected_people import AffectedPeople
from assay.access.everybody import Everybody
from assay.access.signals import Picture, Signals
from assay.identities.users import User
from assay.policy.request import UserKind
from assay.store import Change, Topic
from assay.values import UserId
from tests.policy.test_sentence import conditions, read

AT = datetime(2026, 11, 23, tzinfo=UTC)


class Watched(Signals):
    """Says how often everybody was asked for."""

    walks = 0

    def everybody(self, of: tuple[User, ...] | None = None) -> Everybody:
        self.walks += of is None
        return super().everybody(of)


def people(*names: str) -> Picture:
    every = (User(id=UserId(name), user_name=name, display_name=name, kind=UserKind.MEMBER, created_at=AT,
                  enabled=name != "eve") for name in names)  # fmt: skip
    return Picture(
        changes=tuple(Change(topic=Topic.USER, key=name) for name in names), users={user.id: user for user in every}
    )


async def test_one_walk_serves_whoever_asks_until_something_changes() -> None:
    signals = Watched()
    signals.apply(people("ada", "bob", "eve"))
    affected = AffectedPeople(signals)
    all_of_them, ada = read(id="1"), read(id="2", conditions=conditions(users={"includeUsers": ["ada"]}))
    asked = await asyncio.gather(*(affected.count((all_of_them, ada)) for _ in range(3)))
    assert asked == [(2, 1)] * 3, "who is switched off is not counted"
    assert (await affected.count((ada,)), signals.walks) == ((1,), 1)
    changed = read(id="2", conditions=conditions(users={"includeUsers": ["bob", "ada"]}))
    assert (await affected.count((changed, all_of_them)), signals.walks) == ((2, 2), 2), "it says something else now"
    signals.apply(people("carol"))
    assert (await affected.count((all_of_them, changed)), signals.walks) == ((3, 2), 3)

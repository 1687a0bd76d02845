"""Emergency access accounts, their uses and drills on both databases; what is due."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from assay.governance.break_glass import BreakGlassAccount, BreakGlassUse, Purpose, drill_due, rotation_due
from assay.governance.records import break_glass
from assay.store import Store
from assay.values import SessionId, UserId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST = BreakGlassAccount(number=1, user_id=UserId("u1"), created_at=NOW)


def use(number: int, purpose: Purpose = Purpose.EMERGENCY) -> BreakGlassUse:
    return BreakGlassUse(
        id=f"use-{number}",
        user_id=FIRST.user_id,
        session_id=SessionId(f"session-{number}"),
        purpose=purpose,
        at=NOW + timedelta(minutes=number),
        address="192.0.2.1",
    )


async def test_accounts_come_back(store: Store) -> None:
    await store.write(partial(break_glass.add_account, account=FIRST))
    assert await store.read(break_glass.accounts) == (FIRST,)
    assert await store.read(break_glass.user_ids) == {FIRST.user_id}


async def test_a_use_is_open_until_it_is_reviewed_once(store: Store) -> None:
    for number, purpose in ((1, Purpose.ENROLMENT), (2, Purpose.EMERGENCY), (3, Purpose.DRILL)):
        await store.write(partial(break_glass.add_use, use=use(number, purpose)))
    assert [each.id for each in await store.read(break_glass.open_reviews)] == ["use-2"]
    assert [each.id for each in await store.read(break_glass.uses)] == ["use-3", "use-2", "use-1"]
    assert await store.write(partial(break_glass.review, use_id="use-2", by="ada", finding="fire", at=NOW))
    assert not await store.write(partial(break_glass.review, use_id="use-2", by="bob", finding="none", at=NOW))
    kept = await store.read(partial(break_glass.get_use, use_id="use-2"))
    assert kept is not None
    assert (kept.reviewed_by, kept.finding, kept.open) == ("ada", "fire", False)
    assert await store.read(break_glass.open_reviews) == ()
    last = partial(break_glass.last_use, user_id=FIRST.user_id)
    assert await store.read(partial(last, purpose=Purpose.DRILL)) == use(3).at


async def test_a_drill_lasts_its_time(store: Store) -> None:
    until = NOW + timedelta(minutes=30)
    await store.write(partial(break_glass.start_drill, drill_id="d", at=NOW, until=until))
    for at, expected in ((NOW - timedelta(seconds=1), None), (NOW, until), (until, None)):
        assert await store.read(partial(break_glass.drill_until, at=at)) == expected


@pytest.mark.parametrize(
    ("last", "days", "due"), [(None, 89, False), (None, 90, True), (50, 139, False), (50, 140, True)]
)
def test_a_drill_is_due_every_ninety_days(last: int | None, days: int, due: bool) -> None:
    drilled = None if last is None else NOW + timedelta(days=last)
    assert drill_due(NOW, drilled, NOW + timedelta(days=days)) is due


def test_keys_are_changed_after_a_use() -> None:
    later = NOW + timedelta(hours=1)
    assert not rotation_due(None, (NOW,))
    assert rotation_due(later, (NOW,))
    assert rotation_due(later, (NOW, later + timedelta(hours=1))), "one of the two was there"
    assert not rotation_due(NOW, (later,))
    assert not rotation_due(NOW, ())

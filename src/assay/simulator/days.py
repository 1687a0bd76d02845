"""The simulated days on paper: who comes when, from where, with what, and what goes wrong."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from assay.simulator.company import Company, PlannedPerson
from assay.values import Value

DAYS: Final = 4
# Addresses for documentation (RFC 5737): nobody's, so that nobody's name turns up in a demo's log.
OFFICE: Final = "198.51.100.{}"
HOME: Final = "203.0.113.{}"
USER_AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile",
)


class Mishap(StrEnum):
    """What goes wrong during a visit."""

    NONE = "none"
    WRONG_PASSWORD = "wrongPassword"  # noqa: S105  a kind of mistake
    WRONG_CODE = "wrongCode"
    LOST_PHONE = "lostPhone"  # a recovery code is used


class Visit(Value, frozen=True, kw_only=True):
    """One person signs in and opens some apps."""

    at: datetime
    user_name: str
    address: str
    user_agent: str
    apps: tuple[str, ...]
    requests: int
    mishap: Mishap = Mishap.NONE
    signs_out: bool = False


class Habits(Value, frozen=True, kw_only=True):
    """Where a person works, and on what."""

    office: str
    home: str
    user_agents: tuple[str, ...]


def plan_days(company: Company, first: datetime, until: datetime) -> tuple[Visit, ...]:
    """The visits of `DAYS` days from the day of `first`, in order of time; none at or after `until`."""
    random = Random(company.seed)  # noqa: S311  a company's habits, not secrets
    visits: list[Visit] = []
    habits = {person.user_name: _habits(random, number) for number, person in enumerate(company.people)}
    for day in range(DAYS):
        midnight = datetime.combine(first.date() + timedelta(days=day), time(), first.tzinfo)
        for person in company.people:
            visits += _visits(random, person, company, habits[person.user_name], midnight)
    return tuple(sorted((visit for visit in visits if first < visit.at < until), key=lambda visit: visit.at))


def _habits(random: Random, number: int) -> Habits:
    return Habits(
        office=OFFICE.format(10 + number),
        home=HOME.format(20 + number),
        user_agents=tuple(random.sample(USER_AGENTS, 2)),
    )


def _visits(random: Random, person: PlannedPerson, company: Company, habits: Habits, midnight: datetime) -> list[Visit]:
    """Once in the morning from the office or from home, sometimes again in the evening."""
    visits = [_visit(random, person, company, habits, midnight + timedelta(minutes=random.randint(7 * 60, 10 * 60)))]
    if random.random() < 0.4:
        evening = midnight + timedelta(minutes=random.randint(17 * 60, 21 * 60))
        visits.append(_visit(random, person, company, habits, evening))
    return visits


def _visit(random: Random, person: PlannedPerson, company: Company, habits: Habits, at: datetime) -> Visit:
    mine = [app.name for app in company.apps]
    mishap = random.choices(tuple(Mishap), weights=(80, 10, 7, 3))[0]
    return Visit(
        at=at + timedelta(seconds=random.randint(0, 59)),
        user_name=person.user_name,
        address=habits.office if at.hour < 12 and random.random() < 0.7 else habits.home,
        user_agent=habits.user_agents[0 if random.random() < 0.8 else 1],
        apps=tuple(random.sample(mine, random.randint(1, 3))),
        requests=random.randint(1, 5),
        mishap=mishap,
        signs_out=random.random() < 0.3,
    )

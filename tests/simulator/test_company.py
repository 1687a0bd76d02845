"""The company on paper: equal seeds, equal companies; nobody in it names what is not there; days have a rhythm."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.governance.roles import GLOBAL_ADMINISTRATOR, find_role
from assay.identities.user_names import name_refusal
from assay.policy import Platform, UserKind
from assay.simulator import offices
from assay.simulator.company import FEWEST_PEOPLE, MOST_DAYS, MOST_PEOPLE, Company, Size, plan_company
from assay.simulator.days import plan_acts
from assay.simulator.demo import SEED
from assay.simulator.departments import APPS, BREAK_GLASS, DEPARTMENTS, INTERNALS, SERVICE_ACCOUNTS
from assay.simulator.intranet import SMALL_APPS
from assay.simulator.life import first_instant
from assay.simulator.names import FIRST, LAST, WORDS, passphrase
from assay.simulator.opening import FIRST as SHOWN_FIRST
from assay.values import InvalidInputError

SEEDS = st.integers(0, 2**32)
SMALL = Size(people=8, days=3)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WHOLE = plan_company(SEED)


def office_hours(company: Company) -> set[str]:
    """The people who come and go with their office: neither guests nor accounts that are nobody's."""
    own = {SERVICE_ACCOUNTS, BREAK_GLASS}
    return {each.user_name for each in company.people if each.kind is UserKind.MEMBER and not own & set(each.groups)}


@settings(max_examples=15)
@given(seed=SEEDS)
def test_equal_seeds_make_equal_companies(seed: int) -> None:
    assert plan_company(seed, SMALL) == plan_company(seed, SMALL)
    first = first_instant(MONDAY, SMALL.days)
    acts = plan_acts(plan_company(seed, SMALL), first, MONDAY)
    assert acts == plan_acts(plan_company(seed, SMALL), first, MONDAY)


def test_another_seed_makes_another_company() -> None:
    assert plan_company(1).people != plan_company(2).people


def test_two_hundred_people_in_twelve_departments_with_three_hundred_devices() -> None:
    departments = {each.name for each in DEPARTMENTS}
    staff = [person for person in WHOLE.people if departments & set(person.groups)]
    assert (len(staff), len(departments), len(WHOLE.apps)) == (200, 12, 14)
    assert Counter(name for person in staff for name in person.groups) == {each.name: each.size for each in DEPARTMENTS}
    devices = [device for person in staff for device in person.devices]
    assert len(devices) == 300
    assert {device.platform for device in devices} == set(Platform) - {Platform.WINDOWS_PHONE}
    assert {person.office.name for person in staff} == {office.name for office in offices.OFFICES}
    assert sum(person.weak for person in WHOLE.people) == sum(person.leaves for person in WHOLE.people) == 1


def test_every_app_is_served_by_somebody() -> None:
    served = {"verify", "datasette", "marimo", "files"} | {app.name for app in SMALL_APPS}
    assert served == {app.name for app in APPS}


@pytest.mark.parametrize("size", [SMALL, SHOWN_FIRST, Size(people=MOST_PEOPLE, days=MOST_DAYS)])
def test_every_size_has_everybody_it_needs(size: Size) -> None:
    company = plan_company(SEED, size)
    names = [person.user_name for person in company.people]
    assert len(names) == len(set(names)) > size.people
    assert all(name_refusal(name) is None for name in names)
    kinds = Counter(person.kind for person in company.people)
    assert kinds[UserKind.MEMBER] == size.people + 2
    assert min(kinds[UserKind.GUEST], kinds[UserKind.CUSTOMER]) >= 1
    assert find_role(company.owner.roles[0]).id == GLOBAL_ADMINISTRATOR
    assert {SERVICE_ACCOUNTS, BREAK_GLASS} <= {group for person in company.people for group in person.groups}


def test_who_comes_first_sees_every_department() -> None:
    company = plan_company(SEED, SHOWN_FIRST)
    groups = {group for person in company.people for group in person.groups}
    assert {each.name for each in DEPARTMENTS} <= groups


@pytest.mark.parametrize(("people", "days"), [(FEWEST_PEOPLE - 1, 14), (MOST_PEOPLE + 1, 14), (200, 2), (200, 99)])
def test_a_size_that_cannot_be_is_refused_with_what_can(people: int, days: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Size(people=people, days=days)
    assert "use " in refused.value.remedy


@given(seed=SEEDS)
def test_everything_named_exists(seed: int) -> None:
    company = plan_company(seed, SMALL)
    groups = {group.name for group in company.groups}
    assert {group.inside for group in company.groups} - {""} <= groups
    assert {group for person in company.people for group in person.groups} <= groups
    assert {group for app in company.apps for group in app.groups} <= groups
    for person in company.people:
        for role in person.roles:
            find_role(role)


def test_groups_are_in_groups() -> None:
    platform = next(person for person in WHOLE.people if "Platform team" in person.groups)
    assert WHOLE.all_groups(platform) == ("Engineering", INTERNALS, "Platform team")


def test_first_names_are_unique_and_words_are_six_bits() -> None:
    assert len(set(FIRST)) == len(FIRST)
    assert len(set(LAST)) == len(LAST)
    assert len(set(WORDS)) == 64


@given(random=st.binary(min_size=6, max_size=6))
def test_a_password_tells_all_its_random_bits_apart(random: bytes) -> None:
    words = passphrase(random).split("-")
    assert [WORDS.index(word) for word in words] == [octet % 64 for octet in random]


@settings(max_examples=30)
@given(seed=SEEDS, minutes=st.integers(0, 60 * 24 * 7), parted=st.integers(1, 60 * 24 * 3))
def test_days_are_in_order_and_any_part_of_them_can_be_planned_alone(seed: int, minutes: int, parted: int) -> None:
    company, now = plan_company(seed, SMALL), MONDAY + timedelta(minutes=minutes)
    first = first_instant(now, SMALL.days)
    middle = first + timedelta(minutes=parted)
    acts = plan_acts(company, first, now)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert all(first < act.at <= now for act in acts)
    assert acts == plan_acts(company, first, min(middle, now)) + plan_acts(company, min(middle, now), now)


def test_days_have_the_rhythm_of_work() -> None:
    people = {person.user_name: person for person in WHOLE.people}
    working = office_hours(WHOLE)
    acts = [act for act in plan_acts(WHOLE, MONDAY - timedelta(days=14), MONDAY) if act.user_name in working]
    local = Counter((act.at + people[act.user_name].office.ahead).hour for act in acts)
    assert sum(local[hour] for hour in range(8, 18)) > 0.9 * len(acts)
    assert sum(local[hour] for hour in range(5)) < 0.01 * len(acts)
    # Lunch is a dip, and a weekend is quiet.
    assert local[12] < min(local[10], local[14])
    days = Counter((act.at + people[act.user_name].office.ahead).weekday() for act in acts)
    assert max(days[day] for day in (5, 6)) < 0.1 * min(days[day] for day in range(5))
    # Seen from UTC the offices work one after the other.
    noon = {
        office.name: median(act.at.hour for act in acts if people[act.user_name].office is office and not act.device)
        for office in offices.OFFICES
    }
    assert noon["Bengaluru office"] < noon["Hamburg office"] < noon["Boston office"]


def test_every_address_is_one_of_documentation() -> None:
    acts = plan_acts(WHOLE, MONDAY - timedelta(days=7), MONDAY)
    documented = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
    assert all(act.address.startswith(documented) for act in acts)

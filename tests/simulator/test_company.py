"""The company on paper: equal seeds, equal companies; nobody in it names what is not there."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from assay.governance.roles import GLOBAL_ADMINISTRATOR, find_role
from assay.identities.user_names import name_refusal
from assay.policy import UserKind
from assay.simulator.company import BREAK_GLASS, INTERNALS, SERVICE_ACCOUNTS, plan_company
from assay.simulator.days import DAYS, plan_days
from assay.simulator.demo import SEED
from assay.simulator.life import first_instant
from assay.simulator.names import FIRST, LAST, WORDS, passphrase

SEEDS = st.integers(0, 2**32)
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@given(seed=SEEDS)
def test_equal_seeds_make_equal_companies(seed: int) -> None:
    assert plan_company(seed) == plan_company(seed)
    days = plan_days(plan_company(seed), first_instant(MONDAY), MONDAY)
    assert days == plan_days(plan_company(seed), first_instant(MONDAY), MONDAY)


def test_another_seed_makes_another_company() -> None:
    assert plan_company(1).people != plan_company(2).people


@given(seed=SEEDS)
def test_twelve_people_of_every_sort(seed: int) -> None:
    company = plan_company(seed)
    names = [person.user_name for person in company.people]
    assert len(names) == len(set(names)) == 12
    assert all(name_refusal(name) is None for name in names)
    kinds = Counter(person.kind for person in company.people)
    assert kinds == {UserKind.MEMBER: 10, UserKind.GUEST: 1, UserKind.CUSTOMER: 1}
    assert find_role(company.owner.roles[0]).id == GLOBAL_ADMINISTRATOR
    assert sum(person.leaves for person in company.people) == 1
    assert {SERVICE_ACCOUNTS, BREAK_GLASS} <= {group for person in company.people for group in person.groups}


@given(seed=SEEDS)
def test_everything_named_exists(seed: int) -> None:
    company = plan_company(seed)
    groups = {group.name for group in company.groups}
    assert {group.inside for group in company.groups} - {""} <= groups
    assert {group for person in company.people for group in person.groups} <= groups
    assert {group for app in company.apps for group in app.groups} <= groups
    for person in company.people:
        for role in person.roles:
            find_role(role)


def test_groups_are_in_groups() -> None:
    company = plan_company(SEED)
    platform = next(person for person in company.people if "Platform team" in person.groups)
    assert company.all_groups(platform) == ("Engineering", INTERNALS, "Platform team")


def test_first_names_are_unique_and_words_are_six_bits() -> None:
    assert len(set(FIRST)) == len(FIRST)
    assert len(set(LAST)) == len(LAST)
    assert len(set(WORDS)) == 64


@given(random=st.binary(min_size=6, max_size=6))
def test_a_password_tells_all_its_random_bits_apart(random: bytes) -> None:
    words = passphrase(random).split("-")
    assert [WORDS.index(word) for word in words] == [octet % 64 for octet in random]


@given(seed=SEEDS, minutes=st.integers(0, 60 * 24 * 7))
def test_days_are_in_order_and_over_before_the_present(seed: int, minutes: int) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    first = first_instant(now)
    visits = plan_days(plan_company(seed), first, now)
    assert [visit.at for visit in visits] == sorted(visit.at for visit in visits)
    assert all(first < visit.at < now for visit in visits)
    assert len({visit.at.date() for visit in visits}) == DAYS
    assert first <= now - timedelta(days=DAYS - 1)

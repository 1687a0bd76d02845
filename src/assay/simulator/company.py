"""The company on paper: who works there, in which groups, with which roles and devices, and who else has an account."""

from random import Random
from typing import Final

from assay.policy import UserKind
from assay.simulator import devices
from assay.simulator.departments import (
    APPS,
    BREAK_GLASS,
    CUSTOMERS,
    DEPARTMENTS,
    ENGINEERING,
    EXCLUSIONS,
    FINANCE,
    GUESTS,
    INTERNALS,
    IT,
    PLATFORM,
    SALES,
    SERVICE_ACCOUNTS,
    PlannedApp,
    next_department,
)
from assay.simulator.devices import Device
from assay.simulator.names import FIRST, LAST
from assay.simulator.offices import Office, office_of
from assay.values import InvalidInputError, Value

MAIL_DOMAIN: Final = "meridian.example"
PEOPLE: Final = 200
DAYS: Final = 14
FEWEST_PEOPLE, MOST_PEOPLE = 8, 500
FEWEST_DAYS, MOST_DAYS = 3, 28
# Of ten people so many sign in with a passkey; the others with password and authenticator app.
PASSKEYS: Final = 6
EVERY_GUEST, EVERY_CUSTOMER = 40, 50


class Size(Value, frozen=True, kw_only=True):
    """How many people work there, and how many days they have behind them; raises InvalidInputError."""

    people: int = PEOPLE
    days: int = DAYS

    def __post_init__(self) -> None:
        if not FEWEST_PEOPLE <= self.people <= MOST_PEOPLE:
            raise InvalidInputError(
                f"a company of {self.people} cannot be simulated", remedy=f"use {FEWEST_PEOPLE} to {MOST_PEOPLE} people"
            )
        if not FEWEST_DAYS <= self.days <= MOST_DAYS:
            raise InvalidInputError(
                f"{self.days} days cannot be simulated", remedy=f"use {FEWEST_DAYS} to {MOST_DAYS} days"
            )


class PlannedGroup(Value, frozen=True, kw_only=True):
    """A group, and the group it is a member of ("" for none)."""

    name: str
    description: str
    inside: str = ""


class PlannedPerson(Value, frozen=True, kw_only=True):
    """A person before there is one; `roles` by the names of directory roles, `groups` the direct ones.

    `weak`: chose a password that others choose too. `number` counts the accounts of the company.
    """

    number: int
    user_name: str
    display_name: str
    kind: UserKind
    groups: tuple[str, ...]
    devices: tuple[Device, ...]
    passkey: bool
    roles: tuple[str, ...] = ()
    leaves: bool = False  # disabled at the end of the simulated days
    owner: bool = False
    weak: bool = False

    @property
    def email(self) -> str:
        return f"{self.user_name}@{MAIL_DOMAIN}"

    @property
    def office(self) -> Office:
        return office_of(self.number)


class Company(Value, frozen=True, kw_only=True):
    """Everything that is decided before the first day; equal seeds and sizes give equal companies."""

    seed: int
    size: Size
    people: tuple[PlannedPerson, ...]
    groups: tuple[PlannedGroup, ...]
    apps: tuple[PlannedApp, ...]

    @property
    def owner(self) -> PlannedPerson:
        return next(person for person in self.people if person.owner)

    def all_groups(self, person: PlannedPerson) -> tuple[str, ...]:
        """The groups that the person is in, directly or through groups, sorted."""
        inside = {group.name: group.inside for group in self.groups}
        found: set[str] = set()
        waiting = list(person.groups)
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting += [inside[name]] if inside[name] else []
        return tuple(sorted(found))

    def apps_of(self, person: PlannedPerson) -> tuple[str, ...]:
        """The apps that the person may use."""
        groups = set(self.all_groups(person))
        return tuple(app.name for app in self.apps if groups & set(app.groups))


class _Post(Value, frozen=True, kw_only=True):
    """A place in the company that some person fills."""

    groups: tuple[str, ...]
    roles: tuple[str, ...] = ()
    kind: UserKind = UserKind.MEMBER
    user_name: str = ""  # of an account that is no person's
    display_name: str = ""
    leaves: bool = False
    owner: bool = False
    weak: bool = False


GROUPS: Final = (
    PlannedGroup(name=INTERNALS, description="Everybody who works here, by department"),
    *(PlannedGroup(name=each.name, description=each.description, inside=each.inside) for each in DEPARTMENTS),
    PlannedGroup(name=GUESTS, description="People of other companies who work with us"),
    PlannedGroup(name=CUSTOMERS, description="People who bought an instrument"),
    PlannedGroup(name=SERVICE_ACCOUNTS, description="Accounts that are no person's"),
    PlannedGroup(name=BREAK_GLASS, description="For the day when nobody else gets in"),
    PlannedGroup(name=EXCLUSIONS, description="Excluded from policies; empty unless something is on fire"),
)

# Who is there however small the company is.
POSTS: Final = (
    _Post(groups=(IT,), roles=("Global Administrator",), owner=True),
    _Post(groups=(IT,), roles=("Conditional Access Administrator", "Security Reader")),
    _Post(groups=(IT,), roles=("Helpdesk Administrator",)),
    _Post(groups=(ENGINEERING,)),
    _Post(groups=(PLATFORM,), roles=("Application Administrator",)),
    _Post(groups=(PLATFORM,)),
    _Post(groups=(FINANCE,), weak=True),
    _Post(groups=(SALES,), leaves=True),
)
OTHERS: Final = (
    _Post(groups=(SERVICE_ACCOUNTS,), user_name="svc-reports", display_name="Nightly reports"),
    _Post(
        groups=(BREAK_GLASS,),
        roles=("Global Administrator",),
        user_name="emergency",
        display_name="Emergency access",
    ),
)
GUEST: Final = _Post(groups=(GUESTS,), kind=UserKind.GUEST)
CUSTOMER: Final = _Post(groups=(CUSTOMERS,), kind=UserKind.CUSTOMER)


def plan_company(seed: int, size: Size = Size()) -> Company:  # noqa: B008  immutable
    """The company of this size that this seed makes."""
    random = Random(seed)  # noqa: S311  names, not secrets
    posts = _posts(size.people)
    names = _names(random, len(posts))
    with_phone = set(random.sample(range(size.people), size.people // 2))
    people = tuple(
        _filled(random, number, post, *name, phone=number in with_phone)
        for number, (post, name) in enumerate(zip(posts, names, strict=True))
    )
    return Company(seed=seed, size=size, people=people, groups=GROUPS, apps=APPS)


def _posts(people: int) -> tuple[_Post, ...]:
    """Everybody who works there, then everybody else."""
    have: dict[str, int] = {}
    for post in POSTS:
        have[post.groups[0]] = have.get(post.groups[0], 0) + 1
    more = []
    for _ in range(people - len(POSTS)):
        department = next_department(have, people)
        have[department.name] = have.get(department.name, 0) + 1
        more.append(_Post(groups=(department.name,)))
    guests = (GUEST,) * max(1, people // EVERY_GUEST)
    customers = (CUSTOMER,) * max(1, people // EVERY_CUSTOMER)
    return (*POSTS, *more, *guests, *customers, *OTHERS)


def _names(random: Random, count: int) -> list[tuple[str, str, str]]:
    """User name, first and last name; who was first is called by the first name alone."""
    first = random.sample(FIRST, min(count, len(FIRST)))
    named = [(name.lower(), name, random.choice(LAST)) for name in first]
    pairs = [(name, last) for name in FIRST for last in LAST]
    taken = {(name, last) for _, name, last in named}
    for name, last in random.sample(pairs, len(pairs)):
        if len(named) >= count:
            break
        if (name, last) not in taken:
            named.append((f"{name}.{last}".lower(), name, last))
    return named


def _filled(
    random: Random, number: int, post: _Post, user_name: str, first: str, last: str, *, phone: bool
) -> PlannedPerson:
    owned = (devices.laptop(random), *((devices.phone(random),) if phone else ()))
    person = not post.user_name
    return PlannedPerson(
        number=number,
        user_name=post.user_name or user_name,
        display_name=post.display_name or f"{first} {last}",
        kind=post.kind,
        groups=post.groups,
        devices=owned,
        passkey=person and not post.weak and random.randrange(10) < PASSKEYS,
        roles=post.roles,
        leaves=post.leaves,
        owner=post.owner,
        weak=post.weak,
    )

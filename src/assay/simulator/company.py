"""The company on paper: who works there, in which groups, with which roles, and which apps they may use."""

from random import Random
from typing import Final

from assay.policy import UserKind
from assay.simulator.names import FIRST, LAST
from assay.values import Value

MAIL_DOMAIN: Final = "meridian.example"
INTERNALS: Final = "Internals"
GUESTS: Final = "Guests"
CUSTOMERS: Final = "Customers"
SERVICE_ACCOUNTS: Final = "Service accounts"
BREAK_GLASS: Final = "Break-glass accounts"
EXCLUSIONS: Final = "Policy exclusions"
ENGINEERING, PLATFORM, FINANCE, IT, SALES = "Engineering", "Platform team", "Finance", "IT", "Sales"


class PlannedGroup(Value, frozen=True, kw_only=True):
    """A group, and the group it is a member of ("" for none)."""

    name: str
    description: str
    inside: str = ""


class PlannedPerson(Value, frozen=True, kw_only=True):
    """A person before there is one; `roles` by the names of directory roles, `groups` the direct ones."""

    user_name: str
    display_name: str
    kind: UserKind
    groups: tuple[str, ...]
    roles: tuple[str, ...] = ()
    leaves: bool = False  # disabled at the end of the simulated days
    owner: bool = False

    @property
    def email(self) -> str:
        return f"{self.user_name}@{MAIL_DOMAIN}"


class PlannedApp(Value, frozen=True, kw_only=True):
    """An app and the groups that may use it."""

    name: str
    display_name: str
    groups: tuple[str, ...]


class Company(Value, frozen=True, kw_only=True):
    """Everything that is decided before the first day; equal seeds give equal companies."""

    seed: int
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


class _Post(Value, frozen=True, kw_only=True):
    """A place in the company that some person fills."""

    groups: tuple[str, ...]
    roles: tuple[str, ...] = ()
    kind: UserKind = UserKind.MEMBER
    user_name: str = ""  # of an account that is no person's
    display_name: str = ""
    leaves: bool = False
    owner: bool = False


GROUPS: Final = (
    PlannedGroup(name=INTERNALS, description="Everybody who works here, by department"),
    PlannedGroup(name=ENGINEERING, description="Builds the instruments", inside=INTERNALS),
    PlannedGroup(name=PLATFORM, description="Runs what engineering builds on", inside=ENGINEERING),
    PlannedGroup(name=FINANCE, description="Books and invoices", inside=INTERNALS),
    PlannedGroup(name=IT, description="Identity, devices, help-desk", inside=INTERNALS),
    PlannedGroup(name=SALES, description="Sells the instruments", inside=INTERNALS),
    PlannedGroup(name=GUESTS, description="People of other companies who work with us"),
    PlannedGroup(name=CUSTOMERS, description="People who bought an instrument"),
    PlannedGroup(name=SERVICE_ACCOUNTS, description="Accounts that are no person's"),
    PlannedGroup(name=BREAK_GLASS, description="For the day when nobody else gets in"),
    PlannedGroup(name=EXCLUSIONS, description="Excluded from policies; empty unless something is on fire"),
)

POSTS: Final = (
    _Post(groups=(IT,), roles=("Global Administrator",), owner=True),
    _Post(groups=(IT,), roles=("Conditional Access Administrator", "Security Reader")),
    _Post(groups=(IT,), roles=("Helpdesk Administrator",)),
    _Post(groups=(ENGINEERING,)),
    _Post(groups=(PLATFORM,), roles=("Application Administrator",)),
    _Post(groups=(PLATFORM,)),
    _Post(groups=(FINANCE,)),
    _Post(groups=(SALES,), leaves=True),
    _Post(groups=(GUESTS,), kind=UserKind.GUEST),
    _Post(groups=(CUSTOMERS,), kind=UserKind.CUSTOMER),
    _Post(groups=(SERVICE_ACCOUNTS,), user_name="svc-reports", display_name="Nightly reports"),
    _Post(
        groups=(BREAK_GLASS,),
        roles=("Global Administrator",),
        user_name="emergency",
        display_name="Emergency access",
    ),
)

APPS: Final = (
    PlannedApp(
        name="verify",
        display_name="Verify",
        groups=(INTERNALS, GUESTS, CUSTOMERS, SERVICE_ACCOUNTS, BREAK_GLASS),
    ),
    PlannedApp(name="datasette", display_name="Orders (Datasette)", groups=(FINANCE, IT, SALES, SERVICE_ACCOUNTS)),
    PlannedApp(name="marimo", display_name="Notebook (marimo)", groups=(ENGINEERING, IT)),
    PlannedApp(name="files", display_name="Files", groups=(INTERNALS, GUESTS)),
)


def plan_company(seed: int) -> Company:
    """The company of twelve that this seed makes."""
    random = Random(seed)  # noqa: S311  names, not secrets
    first, last = random.sample(FIRST, len(POSTS)), random.sample(LAST, len(POSTS))
    people = tuple(_filled(post, *names) for post, *names in zip(POSTS, first, last, strict=True))
    return Company(seed=seed, people=people, groups=GROUPS, apps=APPS)


def _filled(post: _Post, first: str, last: str) -> PlannedPerson:
    return PlannedPerson(
        user_name=post.user_name or first.lower(),
        display_name=post.display_name or f"{first} {last}",
        kind=post.kind,
        groups=post.groups,
        roles=post.roles,
        leaves=post.leaves,
        owner=post.owner,
    )

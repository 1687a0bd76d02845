"""People, their methods and roles."""

from datetime import datetime

from assay.values import Wire


class NewUser(Wire, frozen=True, kw_only=True):
    """A person to make; `link_hours` is the lifetime of the enrolment link."""

    user_principal_name: str
    display_name: str = ""
    user_type: str = "member"
    mail: str = ""
    link_hours: float = 24.0


class UserChange(Wire, frozen=True, kw_only=True):
    """What to change of a person; None leaves as it is."""

    user_principal_name: str | None = None
    display_name: str | None = None
    user_type: str | None = None
    mail: str | None = None


class UserShape(Wire, frozen=True, kw_only=True):
    """A person, by Graph's names; `user_type` is member, guest or customer."""

    id: str
    user_principal_name: str
    display_name: str
    user_type: str
    mail: str
    account_enabled: bool
    created_date_time: datetime


class UserList(Wire, frozen=True, kw_only=True):
    """A page of people; `next` is the `after` of the page that follows, "" at the end."""

    value: tuple[UserShape, ...]
    next: str = ""


class NamedShape(Wire, frozen=True, kw_only=True):
    """Something by id and name."""

    id: str
    name: str


class MethodsShape(Wire, frozen=True, kw_only=True):
    """Which methods a person has, counted; `complete`: two factors and a way back."""

    password: bool
    totp: bool
    passkeys: int
    recovery_codes: int
    complete: bool


class UserDetailsShape(Wire, frozen=True, kw_only=True):
    """A person with everything that hangs on it; groups and apps are transitive."""

    user: UserShape
    methods: MethodsShape
    groups: tuple[NamedShape, ...]
    roles: tuple[NamedShape, ...]
    apps: tuple[NamedShape, ...]


class NewLink(Wire, frozen=True, kw_only=True):
    """An enrolment link to make; `recover`: for somebody who lost the methods there were."""

    link_hours: float = 24.0
    recover: bool = False


class WelcomeShape(Wire, frozen=True, kw_only=True):
    """A person and the enrolment link, which is shown this once and works once."""

    user: UserShape
    enrolment_url: str
    expires_date_time: datetime


class EndedShape(Wire, frozen=True, kw_only=True):
    """A person who was disabled or removed, and how many sessions ended with it."""

    user: UserShape
    sessions_ended: int


class UnlockedShape(Wire, frozen=True, kw_only=True):
    """A person, and the methods that were locked or delayed for unknown devices until now."""

    user: UserShape
    methods: tuple[str, ...]


class MethodShape(Wire, frozen=True, kw_only=True):
    """One method: `id` is what removal takes; `remaining` counts recovery codes."""

    id: str
    kind: str
    name: str = ""
    since: datetime | None = None
    last_used: datetime | None = None
    remaining: int | None = None


class MethodList(Wire, frozen=True, kw_only=True):
    """The methods of one person."""

    user: UserShape
    value: tuple[MethodShape, ...]


class HolderShape(Wire, frozen=True, kw_only=True):
    """A person or a group to which something was given; `kind` is user or group."""

    kind: str
    id: str
    name: str


class NameHolder(Wire, frozen=True, kw_only=True):
    """Exactly one of a person and a group, by id or name."""

    user: str | None = None
    group: str | None = None


class RoleShape(Wire, frozen=True, kw_only=True):
    """A built-in directory role, by Graph's template id."""

    id: str
    display_name: str
    is_privileged: bool


class RoleList(Wire, frozen=True, kw_only=True):
    """The built-in directory roles."""

    value: tuple[RoleShape, ...]


class RoleChange(Wire, frozen=True, kw_only=True):
    """A role to give to or take from a person or group."""

    role: str
    user: str | None = None
    group: str | None = None


class HeldRoleShape(Wire, frozen=True, kw_only=True):
    """Who holds a role; `changed` False: it was so before."""

    role: RoleShape
    holder: HolderShape
    changed: bool = True


class HeldRoleList(Wire, frozen=True, kw_only=True):
    """Every assignment of a role."""

    value: tuple[HeldRoleShape, ...]

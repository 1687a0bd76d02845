"""A company of any number of policies: a few for everybody, the others about some groups and some apps; seeded."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from random import Random

from assay.policy import AccessRequest, AppTarget, ClientApp, Method, Platform, Principal, Proof, UserKind
from assay.policy.condition_set import ALL, ALL_TRUSTED, Applications, ConditionSet, Locations, Platforms, Users
from assay.policy.definition import (
    BuiltInControl,
    ConditionalAccessPolicy,
    GrantControls,
    NamedLocation,
    PolicySet,
    PolicyState,
)
from assay.policy.request import LEGACY_CLIENT_APPS
from assay.policy.session_controls import FrequencyUnit, SessionControls, SignInFrequency
from assay.values import AppId, GroupId, LocationId, PolicyId, RoleId, UserId

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
PEOPLE, ROLES, PLACES = 2_000, 12, 40
BLOCKS = 0.08  # of the policies; each about some apps only
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"
EMERGENCY = GroupId("g-emergency")
MODERN = (ClientApp.BROWSER, ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS)
SEEN_PLATFORMS = (None, Platform.WINDOWS, Platform.MACOS, Platform.IOS, Platform.ANDROID, Platform.LINUX)


class Company:
    """Its policies, and the people who ask."""

    def __init__(self, policies: int, seed: int = 1) -> None:
        self._random = Random(seed)
        # A larger company has more policies because it has more teams and apps.
        self.groups = [GroupId(f"g{n}") for n in range(max(40, policies // 4))]
        self.apps = [AppId(f"a{n}") for n in range(max(20, policies // 6))]
        self.roles = [RoleId(f"r{n}") for n in range(ROLES)]
        self.locations = tuple(self._location(n) for n in range(PLACES))
        self.people = [self._person(n) for n in range(PEOPLE)]
        baseline = _baseline()[:policies]
        scoped = [self._scoped(n) for n in range(len(baseline), policies)]
        self.policy_set = PolicySet(policies=(*baseline, *scoped), locations=self.locations)

    def request(self) -> AccessRequest:
        """Somebody at some app, from somewhere."""
        legacy = self._random.random() < 0.02
        return AccessRequest(
            principal=self._random.choice(self.people),
            assigned=True,
            target=AppTarget(app_id=self._random.choice(self.apps)),
            client_app=self._random.choice(tuple(LEGACY_CLIENT_APPS) if legacy else MODERN),
            platform=self._random.choice(SEEN_PLATFORMS),
            address=self._address(),
            proofs=self._proofs(),
            at=NOW,
        )

    def requests(self, count: int) -> list[AccessRequest]:
        """So many of them."""
        return [self.request() for _ in range(count)]

    def _person(self, number: int) -> Principal:
        groups = self._random.sample(self.groups, self._random.randint(3, 10))
        roles = [self._random.choice(self.roles)] if self._random.random() < 0.1 else []
        if self._random.random() < 0.002:
            groups.append(EMERGENCY)
        return Principal(
            id=UserId(f"u{number}"), kind=UserKind.MEMBER, groups=frozenset(groups), roles=frozenset(roles)
        )

    def _location(self, number: int) -> NamedLocation:
        return NamedLocation(
            id=LocationId(f"l{number}"),
            display_name=f"Place {number}",
            is_trusted=number % 4 == 0,
            ranges=tuple(f"10.{number}.{part * 16}.0/20" for part in range(8)),
        )

    def _address(self) -> IPv4Address:
        place = self._random.randrange(PLACES * 2)
        host = self._random.getrandbits(16)
        return IPv4Address((10 << 24) + (place << 16) + host)

    def _proofs(self) -> tuple[Proof, ...]:
        at = NOW - timedelta(minutes=self._random.randint(1, 600))
        methods = self._random.choice(
            ((Method.PASSWORD,), (Method.PASSWORD, Method.SOFTWARE_OATH), (Method.PASSWORD, Method.FIDO2))
        )
        return tuple(Proof(method=method, at=at, user_verified=True) for method in methods)

    def _scoped(self, number: int) -> ConditionalAccessPolicy:
        draw = self._random
        kind = draw.random()
        # About everybody or about everything, never both: else thousands of them would each judge every request.
        everybody = draw.random() < 0.1
        conditions = ConditionSet(
            users=self._users(everybody=everybody),
            applications=self._applications(everything=kind >= BLOCKS and not everybody and draw.random() < 0.2),
            platforms=self._platforms() if draw.random() < 0.2 else None,
            locations=self._locations() if draw.random() < 0.3 else None,
            client_app_types=(draw.choice(MODERN),) if draw.random() < 0.15 else (),
        )
        if kind < BLOCKS:
            return _policy(number, conditions, _grant(BuiltInControl.BLOCK))
        if kind < 0.75:
            return _policy(number, conditions, _grant(BuiltInControl.MFA), self._session())
        return _policy(number, conditions, GrantControls(authentication_strength=PHISHING_RESISTANT), self._session())

    def _users(self, *, everybody: bool) -> Users:
        draw = self._random
        exclude = [EMERGENCY, *([draw.choice(self.groups)] if draw.random() < 0.3 else [])]
        if everybody:
            return Users(include_users=(ALL,), exclude_groups=tuple(exclude))
        if draw.random() < 0.1:
            people = tuple(str(person.id) for person in draw.sample(self.people, 3))
            return Users(include_users=people, exclude_groups=tuple(exclude))
        return Users(
            include_groups=tuple(draw.sample(self.groups, draw.choice((1, 1, 1, 2, 3)))),
            include_roles=(draw.choice(self.roles),) if draw.random() < 0.05 else (),
            exclude_groups=tuple(exclude),
        )

    def _applications(self, *, everything: bool) -> Applications:
        draw = self._random
        if everything:
            excluded = tuple(map(str, draw.sample(self.apps, 2)))
            return Applications(include_applications=(ALL,), exclude_applications=excluded)
        return Applications(include_applications=tuple(map(str, draw.sample(self.apps, draw.choice((1, 1, 2, 4))))))

    def _platforms(self) -> Platforms:
        named = tuple(self._random.sample([p for p in SEEN_PLATFORMS if p is not None], 2))
        if self._random.random() < 0.5:
            return Platforms(include_platforms=named)
        return Platforms(include_all=True, exclude_platforms=named)

    def _locations(self) -> Locations:
        if self._random.random() < 0.5:
            return Locations(include_locations=(ALL,), exclude_locations=(ALL_TRUSTED,))
        named = tuple(str(place.id) for place in self._random.sample(self.locations, 3))
        return Locations(include_locations=named)

    def _session(self) -> SessionControls | None:
        if self._random.random() < 0.9:
            return None
        hours = self._random.choice((1, 4, 8))
        return SessionControls(sign_in_frequency=SignInFrequency(value=hours, unit=FrequencyUnit.HOURS))


def _grant(control: BuiltInControl) -> GrantControls:
    return GrantControls(built_in_controls=(control,))


def _policy(
    number: int, conditions: ConditionSet, grant: GrantControls, session: SessionControls | None = None
) -> ConditionalAccessPolicy:
    return ConditionalAccessPolicy(
        id=PolicyId(f"p{number}"),
        display_name=f"CA{number:05}",
        state=PolicyState.ENABLED,
        conditions=conditions,
        grant_controls=grant,
        session_controls=session,
    )


def _baseline() -> list[ConditionalAccessPolicy]:
    """What every company begins with."""
    everybody = Users(include_users=(ALL,), exclude_groups=(EMERGENCY,))
    everything = Applications(include_applications=(ALL,))
    everywhere = ConditionSet(users=everybody, applications=everything)
    administrators = ConditionSet(
        users=Users(include_roles=(RoleId("r0"), RoleId("r1")), exclude_groups=(EMERGENCY,)), applications=everything
    )
    outside = ConditionSet(
        users=everybody,
        applications=everything,
        locations=Locations(include_locations=(ALL,), exclude_locations=(ALL_TRUSTED,)),
    )
    legacy = ConditionSet(users=everybody, applications=everything, client_app_types=tuple(LEGACY_CLIENT_APPS))
    return [
        _policy(0, legacy, _grant(BuiltInControl.BLOCK)),
        _policy(1, outside, _grant(BuiltInControl.MFA)),
        _policy(2, administrators, GrantControls(authentication_strength=PHISHING_RESISTANT)),
        _policy(
            3,
            everywhere,
            GrantControls(),
            SessionControls(sign_in_frequency=SignInFrequency(value=9, unit=FrequencyUnit.HOURS)),
        ),
    ]

"""Sign-ins of a made-up company at the groups, roles, apps and places that a set of policies names; seeded.

The shape is that of the simulated company: two hundred people, most of them from the office on a few systems, a
session that asks several times in an hour, six of ten with a passkey; thirty days.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from random import Random
from typing import Final

from msgspec.structs import replace

from assay.policy import AccessRequest, AppTarget, ClientApp, Method, Platform, PolicySet, Principal, Proof, UserKind
from assay.policy.device import Device
from assay.policy.enforcement import EVERYTHING
from assay.policy.request import LEGACY_CLIENT_APPS, RiskLevel, TransferMethod
from assay.values import AppId, GroupId, RoleId, UserId

PEOPLE, DEVICES, OWN_APPS, DAYS, OFFICES = 200, 300, 14, 30, 5
APPS, TIMES = 2, 4  # of one session
BEGIN: Final = datetime(2026, 10, 30, 7, 0, tzinfo=UTC)
MODERN: Final = (ClientApp.BROWSER, ClientApp.BROWSER, ClientApp.BROWSER, ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS)
SYSTEMS: Final = (Platform.WINDOWS, Platform.WINDOWS, Platform.MACOS, Platform.IOS, Platform.ANDROID, Platform.LINUX)
COUNTRIES: Final = ("NL", "NL", "NL", "NL", "DE", "US", "CN", "")
NO_FLOWS: Final[frozenset[TransferMethod]] = frozenset()
DEVICE_CODE: Final = frozenset({TransferMethod.DEVICE_CODE_FLOW})


class SignIns:
    """The people, their devices and their sign-ins."""

    def __init__(self, policy_set: PolicySet, seed: int = 1) -> None:
        self._random = Random(seed)
        conditions = [policy.conditions for policy in policy_set.policies]
        groups = sorted({g for c in conditions for g in (*c.users.include_groups, *c.users.exclude_groups)})
        roles = sorted({r for c in conditions for r in (*c.users.include_roles, *c.users.exclude_roles)})
        named = sorted(
            {
                a
                for c in conditions
                for a in (*c.applications.include_applications, *c.applications.exclude_applications)
            }
        )
        apps = [AppId(name) for name in named if "-" in name] + [AppId(f"own-app-{n}") for n in range(OWN_APPS)]
        self._targets = [AppTarget(app_id=app) for app in apps]
        self._devices = [self._device(n) for n in range(DEVICES)]
        self.people = [self._person(n, groups, roles) for n in range(PEOPLE)]
        self._ranges = [address for place in policy_set.locations for address in place.ranges if ":" not in address]

    def _person(self, number: int, groups: list[GroupId], roles: list[RoleId]) -> Principal:
        draw = self._random
        held = [draw.choice(roles)] if roles and draw.random() < 0.1 else []
        return Principal(
            id=UserId(f"u{number}"),
            kind=UserKind.GUEST if number % 40 == 39 else UserKind.MEMBER,
            groups=frozenset(group for group in groups if draw.random() < 0.15),
            roles=frozenset(held),
        )

    def _device(self, number: int) -> Device:
        draw = self._random
        ours = draw.random() < 0.7
        return Device(
            device_id=f"d{number}",
            is_compliant=ours and draw.random() < 0.95,
            is_managed=ours,
            device_ownership="Company" if ours else "Personal",
            trust_type="AzureAD" if ours else "Workplace",
        )

    def decisions(self, count: int) -> Iterator[tuple[AccessRequest, datetime]]:
        """So many in the order of time: signals, and when they were judged.

        A session asks four times at each of two apps. The demo's company (its kept past, 850 rows of the decision log
        with 246 snapshots) asks three and a half times with the same signals.
        """
        draw, made = self._random, 0
        step = timedelta(days=DAYS) / max(1, count)
        while made < count:
            at = BEGIN + made * step
            session = self._session(at)
            signals = [self._at_another_app(session) for _ in range(APPS)]
            for number in range(min(APPS * TIMES, count - made)):
                at += timedelta(seconds=draw.randint(1, 900), microseconds=draw.randint(0, 999_999))
                yield signals[number // TIMES], at
                made += 1

    def _session(self, at: datetime) -> AccessRequest:
        draw = self._random
        number = draw.randrange(PEOPLE)
        proved = at - timedelta(seconds=draw.randint(1, 36_000), microseconds=draw.randint(0, 999_999))
        second = Method.FIDO2 if number % 10 < 6 else Method.SOFTWARE_OATH
        methods = (Method.PASSWORD,) if draw.random() < 0.2 else (Method.PASSWORD, second)
        return AccessRequest(
            principal=self.people[number],
            assigned=True,
            target=draw.choice(self._targets),
            client_app=draw.choice(tuple(LEGACY_CLIENT_APPS) if draw.random() < 0.02 else MODERN),
            platform=draw.choice(SYSTEMS),
            address=self._address(),
            country=draw.choice(COUNTRIES),
            proofs=tuple(Proof(method=method, at=proved, user_verified=True) for method in methods),
            at=at,
            device=draw.choice(self._devices) if draw.random() < 0.5 else None,
            flows=DEVICE_CODE if draw.random() < 0.01 else NO_FLOWS,
            sign_in_risk=RiskLevel.NONE if draw.random() < 0.97 else draw.choice(tuple(RiskLevel)),
            user_risk=RiskLevel.NONE if draw.random() < 0.98 else draw.choice(tuple(RiskLevel)),
            enforced_by=EVERYTHING,
        )

    def _address(self) -> IPv4Address:
        draw = self._random
        if draw.random() < 0.6:
            return IPv4Address((203 << 24) + (113 << 8) + draw.randrange(OFFICES))
        return IPv4Address(draw.getrandbits(32))

    def _at_another_app(self, session: AccessRequest) -> AccessRequest:
        return replace(session, target=self._random.choice(self._targets))

"""How much guessing is let through: counters of attempts, and the delays and locks that follow from them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from assay.policy.request import Method
from assay.values import UserId, Value

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

# SP 800-63B-4 §3.2.2: no more than 100 consecutive failed attempts on one account.
MOST_CONSECUTIVE: Final = 100
# A person's home network is given one /64 (RFC 6177 §2); who has more than that has as many addresses as they like.
IPV6_PREFIX: Final = 64


class Schedule(Value, frozen=True, kw_only=True):
    """What failures cost: `free` of them nothing, the next `first`, each further one twice as much up to `longest`.

    `lock`: from this many on nothing is accepted until somebody unlocks; None never locks.
    `window`: counted anew this long after the first; None counts until a success, or until `remembered` has passed
    without another attempt.
    """

    free: int
    first: timedelta
    longest: timedelta
    lock: int | None = None
    window: timedelta | None = None
    remembered: timedelta = 30 * DAY

    def delay(self, failures: int) -> timedelta:
        """How long nothing more is accepted after this many failures."""
        over = failures - self.free
        if over <= 0:
            return timedelta(0)
        # Doubling stops before it could overflow.
        return min(self.first * (1 << min(over - 1, 32)), self.longest)

    @property
    def plateau(self) -> int:
        """The number of failures from which on each costs the longest delay."""
        failures = self.free + 1
        while self.delay(failures) < self.longest:
            failures += 1
        return failures


class GuessingLimits(Value, frozen=True, kw_only=True):
    """The owner's numbers in one place; what an attacker gets out of them in a year is in docs/sign-in.md.

    `stranger_*` holds for all devices together on which the person never finished a sign-in, `known_*` for each other
    device by itself: nobody who has not that device's cookie can use its attempts up.
    """

    # Five slips are a person with the wrong layout; at 15 minutes apart a day holds fewer than 100 guesses.
    stranger_password: Schedule = Schedule(free=5, first=SECOND, longest=15 * MINUTE, lock=MOST_CONSECUTIVE)
    # Whoever is asked for a code gave the right password: a thief of it, or the person, who has the code at hand.
    stranger_code: Schedule = Schedule(free=5, first=MINUTE, longest=DAY, lock=MOST_CONSECUTIVE, remembered=365 * DAY)
    known_password: Schedule = Schedule(free=10, first=SECOND, longest=5 * MINUTE, lock=MOST_CONSECUTIVE)
    known_code: Schedule = Schedule(free=5, first=30 * SECOND, longest=6 * HOUR, lock=MOST_CONSECUTIVE)
    # An office behind one address: a few hundred people, of whom one in twenty mistypes within the same hour.
    source: Schedule = Schedule(free=100, first=SECOND, longest=5 * MINUTE, window=HOUR)
    # Thirty people of one office who fail on new devices within a day are rare; a spray tries hundreds.
    source_accounts: Schedule = Schedule(free=30, first=MINUTE, longest=HOUR, window=DAY)
    # Every sign-in page begins a ceremony by itself: thousands of people arrive at an office within minutes.
    source_ceremonies: Schedule = Schedule(free=1_000, first=SECOND, longest=MINUTE, window=5 * MINUTE)
    device_ceremonies: Schedule = Schedule(free=100, first=SECOND, longest=MINUTE, window=5 * MINUTE)
    # Links that were never issued. Whoever shares the address of somebody who guesses them waits a second.
    source_links: Schedule = Schedule(free=100, first=SECOND, longest=SECOND, window=5 * MINUTE)
    # Codes of command lines that somebody signed in types: of 2.6e10 a few wait, so this is far beyond need.
    device_codes: Schedule = Schedule(free=5, first=10 * SECOND, longest=15 * MINUTE, window=HOUR)
    # A browser that was not used for a season is a stranger's again.
    device_lifetime: timedelta = 90 * DAY
    # A copied cookie stops being known after the next sign-in of its owner that comes a day later.
    device_rotation: timedelta = DAY
    # What two parallel requests of one browser may still come with after it got another secret.
    device_grace: timedelta = MINUTE
    devices_of_one: int = 20
    # The log keeps the first failure at once and the number of the others when this is over.
    log_window: timedelta = 10 * MINUTE
    # The log's growth by strangers: two events for each, however many addresses they have.
    log_windows: int = 500
    # Strangers make these at will: addresses out of one IPv6 network, names that nobody has.
    source_rows: int = 100_000
    name_rows: int = 100_000
    # How many of them may be made between two looks at how many there are.
    rows_unlooked: int = 2_000
    notice_from: int = 10
    notice_every: timedelta = DAY

    def of(self, method: Method, *, known: bool) -> Schedule:
        """What holds for failures of this method."""
        if method is Method.PASSWORD:
            return self.known_password if known else self.stranger_password
        return self.known_code if known else self.stranger_code

    def fresh(self, made_at: datetime, at: datetime) -> bool:
        """Whether a known device keeps the secret that it was given then."""
        return made_at <= at < made_at + self.device_rotation


class Counter(Value, frozen=True, kw_only=True):
    """What is counted under one key: attempts that did not succeed, those under way among them.

    `told_at`: when the person was last told of it.
    """

    key: bytes
    failures: int = 0
    since: datetime
    blocked_until: datetime
    forget_at: datetime
    told_at: datetime | None = None


class Purpose(StrEnum):
    """What a counter is for; part of its key."""

    STRANGERS = "strangers"
    NAME = "name"
    DEVICE = "device"
    SOURCE = "source"
    SOURCE_ACCOUNT = "sourceAccount"
    SOURCE_ACCOUNTS = "sourceAccounts"
    SOURCE_CEREMONIES = "sourceCeremonies"
    DEVICE_CEREMONIES = "ceremonies"
    DEVICE_CODES = "deviceCodes"


# What keys of these purposes begin with, so that the table can tell which rows may go; 24 octets of the hash follow.
OF_SOURCES: Final = b"source\0\0"
OF_NAMES: Final = b"name\0\0\0\0"
_BEGINS: Final = {
    Purpose.NAME: OF_NAMES,
    Purpose.SOURCE: OF_SOURCES,
    Purpose.SOURCE_ACCOUNT: OF_SOURCES,
    Purpose.SOURCE_ACCOUNTS: OF_SOURCES,
    Purpose.SOURCE_CEREMONIES: OF_SOURCES,
}


class Blocked(Value, frozen=True, kw_only=True):
    """An attempt that is not looked at: `wait` is how long, None until somebody unlocks."""

    wait: timedelta | None


def counter_key(purpose: Purpose, *parts: bytes) -> bytes:
    """The key of a counter; each part ends unmistakably."""
    hashed = hashlib.sha256(purpose.value.encode())
    for part in parts:
        hashed.update(len(part).to_bytes(4) + part)
    return (_BEGINS.get(purpose, b"") + hashed.digest())[:32]


def made_at_will(key: bytes) -> bool:
    """Whether strangers can make as many counters of this kind as they like."""
    return key.startswith((OF_SOURCES, OF_NAMES))


def account_key(user_id: UserId) -> bytes:
    """The account as a part of keys; a new name changes nothing."""
    return b"user\0" + user_id.encode()


def source_key(address: str) -> bytes:
    """The source as a part of keys: an IPv4 address, or the /64 of an IPv6 address."""
    source = ip_address(address)
    if isinstance(source, IPv6Address):
        if source.ipv4_mapped is not None:
            return source.ipv4_mapped.packed
        return ip_network((source, IPV6_PREFIX), strict=False).network_address.packed
    return source.packed


def blocked(counter: Counter, schedule: Schedule, at: datetime) -> Blocked | None:
    """Why an attempt under this counter is not looked at now, or None."""
    if expired(counter, schedule, at):
        return None
    if schedule.lock is not None and counter.failures >= schedule.lock:
        return Blocked(wait=None)
    # A clock that stepped back makes nobody wait longer than the longest delay.
    wait = min(counter.blocked_until - at, schedule.longest)
    return Blocked(wait=wait) if wait > timedelta(0) else None


def expired(counter: Counter, schedule: Schedule, at: datetime) -> bool:
    """Whether what was counted is over."""
    if schedule.window is not None:
        # Begun in the future: the clock stepped back, and a window is a window.
        return not counter.since <= at < counter.since + schedule.window
    return at >= counter.forget_at


def counted(key: bytes, counter: Counter | None, schedule: Schedule, at: datetime) -> Counter:
    """The counter with one more attempt, taken as failed until it succeeds."""
    if counter is None or expired(counter, schedule, at):
        counter = Counter(key=key, since=at, blocked_until=at, forget_at=at)
    failures = counter.failures + 1
    life = schedule.window if schedule.window is not None else schedule.remembered
    return Counter(
        key=key,
        failures=failures,
        since=counter.since,
        blocked_until=at + schedule.delay(failures),
        forget_at=(counter.since if schedule.window is not None else at) + life,
        told_at=counter.told_at,
    )


def worst(refusals: Mapping[bytes, Blocked | None]) -> Blocked | None:
    """The refusal that lasts longest; a lock lasts longer than any delay."""
    found = [refusal for refusal in refusals.values() if refusal is not None]
    if any(refusal.wait is None for refusal in found):
        return Blocked(wait=None)
    return max(found, key=lambda refusal: refusal.wait or timedelta(0), default=None)

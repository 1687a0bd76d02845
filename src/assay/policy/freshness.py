"""What the proofs of a session are still worth under sign-in frequencies."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from assay.policy.decision import Factor
from assay.policy.request import Method, Proof
from assay.policy.session_controls import AuthenticationType, FrequencyInterval, FrequencyUnit, SignInFrequency
from assay.values import Value

NEVER: Final = datetime.max.replace(tzinfo=UTC)
EVERY_TIME_TOLERANCE: Final = timedelta(minutes=5)  # everyTime never asks more often (D LIFE)
EVERY_TIME: Final = SignInFrequency(interval=FrequencyInterval.EVERY_TIME)

FIRST_FACTORS: Final = frozenset(
    {
        Method.PASSWORD,
        Method.X509_CERTIFICATE_SINGLE_FACTOR,
        Method.FEDERATED_SINGLE_FACTOR,
        Method.QR_CODE_PIN,
    }
)
MULTI_FACTORS: Final = frozenset(
    {
        Method.FIDO2,
        Method.WINDOWS_HELLO_FOR_BUSINESS,
        Method.X509_CERTIFICATE_MULTI_FACTOR,
        Method.DEVICE_BASED_PUSH,
        Method.TEMPORARY_ACCESS_PASS_ONE_TIME,
        Method.TEMPORARY_ACCESS_PASS_MULTI_USE,
        Method.FEDERATED_MULTI_FACTOR,
    }
)
PRIMARY: Final = FIRST_FACTORS | MULTI_FACTORS
NEEDS_USER_VERIFICATION: Final = frozenset({Method.FIDO2, Method.WINDOWS_HELLO_FOR_BUSINESS})


def factor(method: Method) -> Factor:
    """Which age bounds the method within a combination: only a sole first factor is bound by the primary's."""
    return Factor.PRIMARY if method in FIRST_FACTORS else Factor.SECONDARY


class Ages(Value, frozen=True, kw_only=True):
    """The longest ages that sign-in frequencies leave to each factor; None: any age."""

    primary: timedelta | None = None
    secondary: timedelta | None = None

    def of(self, which: Factor) -> timedelta | None:
        """The age of one factor."""
        return self.primary if which is Factor.PRIMARY else self.secondary


NO_AGES: Final = Ages()


def ages_of(frequency: SignInFrequency) -> Ages:
    """The ages that one sign-in frequency demands; secondaryAuthentication leaves the first factor alone."""
    if frequency.interval is FrequencyInterval.EVERY_TIME:
        age = EVERY_TIME_TOLERANCE
    else:
        hours = 24 if frequency.unit is FrequencyUnit.DAYS else 1
        age = timedelta(hours=hours * (frequency.value or 0))
    both = frequency.authentication_type is AuthenticationType.PRIMARY_AND_SECONDARY
    return Ages(primary=age if both else None, secondary=age)


def shortest(several: Iterable[Ages]) -> Ages:
    """All must hold: the shortest of each, the factors apart."""
    found = tuple(several)
    primary = [ages.primary for ages in found if ages.primary is not None]
    secondary = [ages.secondary for ages in found if ages.secondary is not None]
    return Ages(primary=min(primary, default=None), secondary=min(secondary, default=None))


def counts(proof: Proof) -> bool:
    """Whether it shows a person, and not a key alone."""
    return proof.user_verified or proof.method not in NEEDS_USER_VERIFICATION


class Freshness:
    """The proofs that count at an instant, and until when each counts."""

    def __init__(self, proofs: Iterable[Proof], at: datetime, ages: Ages) -> None:
        self.until: dict[Method, datetime] = {}
        self._counting: list[tuple[Proof, datetime]] = []
        self.stale: set[Method] = set()
        self.proved_primary = False
        self.primary_until: datetime | None = None  # None: no first factor is fresh
        primary, secondary = ages.primary, ages.secondary
        for proof in proofs:
            if not counts(proof):
                continue
            method = proof.method
            expiry = _expiry(proof.at, primary if method in FIRST_FACTORS else secondary)
            if at < expiry:
                self._counting.append((proof, expiry))
                known = self.until.get(method)
                self.until[method] = expiry if known is None else max(expiry, known)
            else:
                self.stale.add(method)
            if method in PRIMARY:
                self.proved_primary = True
                expiry = _expiry(proof.at, primary)
                if at < expiry:
                    self.primary_until = max(expiry, self.primary_until or expiry)
        if self.stale:
            self.stale -= self.until.keys()

    def proofs(self, method: Method) -> Iterator[tuple[Proof, datetime]]:
        """Each proof of a method that counts, and until when."""
        return ((proof, until) for proof, until in self._counting if proof.method is method)

    def next_change(self) -> datetime:
        """The first instant at which a proof stops to count."""
        ends = (until for _, until in self._counting)
        return min((*ends, self.primary_until or NEVER), default=NEVER)


def _expiry(at: datetime, age: timedelta | None) -> datetime:
    return NEVER if age is None else at + age

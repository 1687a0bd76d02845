"""What was proved, done and shown in the sign-in that a document describes."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from assay.policy.device import Device, TrustType
from assay.policy.graph_json import MalformedError, Node
from assay.policy.offline.reading import elements, identifiers, instant, word, word_of
from assay.policy.request import NOTHING_ELSE, Method, Proof, Satisfied
from assay.values import Value

LONGEST_AGO = 60 * 24 * 366 * 10  # minutes


class Used(Value, frozen=True, kw_only=True):
    """A method that was used: at a time, or so many minutes before the sign-in."""

    method: Method
    at: datetime | None = None
    minutes: int = 0
    user_verified: bool = True
    device_bound: bool = False
    aaguid: str = ""
    issuer_ski: str = ""
    policy_oids: tuple[str, ...] = ()

    def proof(self, moment: datetime) -> Proof:
        """As the engine takes it."""
        return Proof(
            method=self.method,
            at=self.at or moment - timedelta(minutes=self.minutes),
            user_verified=self.user_verified,
            device_bound=self.device_bound,
            aaguid=self.aaguid,
            issuer_ski=self.issuer_ski,
            policy_oids=self.policy_oids,
        )


class Shown(Value, frozen=True, kw_only=True):
    """Everything that satisfies controls; `compliant`, `hybrid_joined`: claims of the device, None: not made."""

    proofs: tuple[Used, ...] = ()
    compliant: bool | None = None
    hybrid_joined: bool | None = None
    password_change: bool = False
    risk_remediation: bool = False
    others: Satisfied = NOTHING_ELSE

    @property
    def latest(self) -> datetime | None:
        """The latest time that is named."""
        return max((used.at for used in self.proofs if used.at is not None), default=None)

    def satisfied(self, moment: datetime) -> Satisfied:
        """As the engine takes it."""
        return replace(
            self.others,
            password_change=moment if self.password_change else None,
            risk_remediation=moment if self.risk_remediation else None,
        )

    def device_of(self, device: Device | None) -> Device | None:
        """The device with the claims that were made of it."""
        if self.compliant is None and self.hybrid_joined is None:
            return device
        found = device or Device()
        if self.compliant is not None:
            found = replace(found, is_compliant=self.compliant)
        if self.hybrid_joined:
            found = replace(found, trust_type=TrustType.SERVER_AD.value)
        return found


def read_satisfied(node: Node | None, at: datetime | None) -> Shown:
    """The part `satisfied`; a method used after the sign-in is an error."""
    if node is None:
        return Shown()
    proofs = tuple(_used(item, path, at) for path, item in elements(node, "authenticationMethods"))
    shown = Shown(
        proofs=proofs,
        compliant=node.boolean("compliantDevice"),
        hybrid_joined=node.boolean("domainJoinedDevice"),
        password_change=node.boolean("passwordChange") or False,
        risk_remediation=node.boolean("riskRemediation") or False,
        others=Satisfied(
            terms_of_use=identifiers(node, "termsOfUse"),
            custom_authentication_factors=identifiers(node, "customAuthenticationFactors"),
            approved_application=node.boolean("approvedApplication") or False,
            compliant_application=node.boolean("compliantApplication") or False,
            token_protection=node.boolean("tokenProtection"),
        ),
    )
    node.finish()
    return shown


def _used(value: object, path: tuple[str, ...], at: datetime | None) -> Used:
    """A method by its name alone was used just now."""
    if isinstance(value, str):
        return Used(method=word_of(value, path, Method))
    if not isinstance(value, dict):
        raise MalformedError(path, "notAMethod")
    node = Node(value, path, [])
    method = word(node, "method", Method)
    if method is None:
        raise MalformedError((*path, "method"), "required")
    used_at, minutes = instant(node, "at"), node.integer("minutesAgo")
    if used_at is not None and minutes is not None:
        raise MalformedError(path, "atOrMinutesAgo")
    if minutes is not None and not 0 <= minutes <= LONGEST_AGO:
        raise MalformedError((*path, "minutesAgo"), "outOfRange", least="0", most=str(LONGEST_AGO))
    if used_at is not None and at is not None and used_at > at:
        raise MalformedError((*path, "at"), "afterTheSignIn", value=used_at.isoformat())
    verified = node.boolean("userVerified")
    found = Used(
        method=method,
        at=used_at,
        minutes=minutes or 0,
        user_verified=verified is not False,
        device_bound=node.boolean("deviceBound") or False,
        aaguid=(node.text("aaguid") or "").lower(),
        issuer_ski=(node.text("issuerSki") or "").upper(),
        policy_oids=node.texts("policyOids"),
    )
    node.finish()
    return found

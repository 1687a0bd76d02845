"""What limits the keys or certificates of a strength of one's own, one by one: Graph's combinationConfigurations."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, attempt
from assay.access.premises import Premises
from assay.access.strengths import own_strength, put_strength, strength_named
from assay.policy import AuthenticationStrengthPolicy
from assay.policy.amended import amended, own_part
from assay.policy.definition import CombinationConfiguration
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node
from assay.policy.importers.strengths import read_configuration, write_configuration
from assay.policy.request import Method
from assay.store import Transaction
from assay.values import NotFoundError
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Scalar

MAX_CONFIGURATIONS: Final = 20
FIDO2: Final = "#microsoft.graph.fido2CombinationConfiguration"
X509: Final = "#microsoft.graph.x509CertificateCombinationConfiguration"
_METHODS: Final = {
    FIDO2: frozenset({Method.FIDO2}),
    X509: frozenset({Method.X509_CERTIFICATE_SINGLE_FACTOR, Method.X509_CERTIFICATE_MULTI_FACTOR}),
}
_TYPE: Final = "@odata.type"
_LISTS: Final = "allowedAAGUIDs, allowedIssuerSkis, allowedPolicyOIDs"
_FIELDS: Final[Mapping[str, Callable[[CombinationConfiguration], Scalar]]] = {"id": lambda each: each.id}
Change = Callable[[AuthenticationStrengthPolicy], tuple[CombinationConfiguration, ...]]


class StrengthConfigurations:
    """The flow behind `…/authenticationStrength/policies/{id}/combinationConfigurations`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, name: str, ask: Ask) -> Found[CombinationConfiguration]:
        """Those of a strength; raises NotFoundError."""
        strength = await self._premises.store.read(lambda reader: strength_named(reader, name))
        return page_of(strength.combination_configurations, ask, _FIELDS, ("id",))

    async def show(self, name: str, wanted: str) -> CombinationConfiguration:
        """One of them by its id; raises NotFoundError."""
        return _one(await self._premises.store.read(lambda reader: strength_named(reader, name)), wanted)

    async def add(self, by: By, name: str, body: Json) -> CombinationConfiguration | NotDone:
        """One more limit; raises MalformedError with the place of what is wrong, and NotFoundError."""
        part, new = own_part(body), self._premises.new_id()

        def added(strength: AuthenticationStrengthPolicy) -> tuple[CombinationConfiguration, ...]:
            if len(strength.combination_configurations) >= MAX_CONFIGURATIONS:
                raise MalformedError((), "tooMany", limit=str(MAX_CONFIGURATIONS))
            return (*strength.combination_configurations, _read(strength, {**part, "id": new}))

        return await self._changed(by, name, new, added)

    async def amend(self, by: By, name: str, wanted: str, body: Json) -> CombinationConfiguration | NotDone:
        """Change what the body names of one; raises as `add`."""
        part = own_part(body)

        def changed(strength: AuthenticationStrengthPolicy) -> tuple[CombinationConfiguration, ...]:
            before = _one(strength, wanted)
            written = write_configuration(before)
            told = {key: value for key, value in part.items() if key.lower() == _TYPE}
            after = _read(strength, amended(written, part) | told)
            return tuple(after if each is before else each for each in strength.combination_configurations)

        return await self._changed(by, name, wanted, changed)

    async def remove(self, by: By, name: str, wanted: str) -> AuthenticationStrengthPolicy | NotDone:
        """Take a limit away; raises NotFoundError."""

        def remove(transaction: Transaction) -> AuthenticationStrengthPolicy:
            before = own_strength(transaction, name)
            gone = _one(before, wanted)
            left = tuple(each for each in before.combination_configurations if each is not gone)
            return put_strength(
                self._premises, transaction, by, before, replace(before, combination_configurations=left)
            )

        return await attempt(self._premises.store, remove)

    async def _changed(self, by: By, name: str, wanted: str, change: Change) -> CombinationConfiguration | NotDone:
        def act(transaction: Transaction) -> CombinationConfiguration:
            before = own_strength(transaction, name)
            after = replace(before, combination_configurations=change(before))
            return _one(put_strength(self._premises, transaction, by, before, after), wanted)

        return await attempt(self._premises.store, act)


def _one(strength: AuthenticationStrengthPolicy, wanted: str) -> CombinationConfiguration:
    for each in strength.combination_configurations:
        if each.id == wanted:
            return each
    raise NotFoundError(
        f"{strength.display_name!r} has no combination configuration {wanted!r}",
        remedy="list them below the strength, at combinationConfigurations",
    )


def _read(strength: AuthenticationStrengthPolicy, value: JsonObject) -> CombinationConfiguration:
    """A limit on combinations that the strength has, nothing of which is unknown here."""
    unknown = Node(value, (), [])
    found = read_configuration(unknown)
    for part in unknown.kept:
        raise MalformedError(part.path, "unknownValue", value=part.json[:100])
    certificates = bool(found.allowed_issuer_skis or found.allowed_policy_oids)
    if not certificates and not found.allowed_aaguids:
        raise MalformedError((), "requiredOneOf", known=_LISTS)
    kind = X509 if certificates else FIDO2
    if (certificates and found.allowed_aaguids) or value.get(_TYPE, kind) != kind:
        raise MalformedError((_TYPE,), "oneKindOfConfiguration")
    for aaguid in found.allowed_aaguids:
        _refuse_no_aaguid(aaguid)
    if not found.applies_to_combinations:
        raise MalformedError(("appliesToCombinations",), "required")
    for combination in found.applies_to_combinations:
        if combination not in strength.allowed_combinations or not _METHODS[kind] & set(combination):
            raise MalformedError(("appliesToCombinations",), "notLimited", value=",".join(combination))
    return found


def _refuse_no_aaguid(text: str) -> None:
    try:
        known = str(UUID(text)) == text
    except ValueError:
        known = False
    if not known:
        raise MalformedError(("allowedAAGUIDs",), "notAnAaguid", value=text[:100])

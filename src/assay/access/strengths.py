"""Custom authentication strengths, as administrators make, change and remove them; those built in stay as they are."""

from typing import Final

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.premises import Premises
from assay.access.publication import Change, publish
from assay.access.seen_version import WHATEVER, Seen
from assay.access.signals import read_policy_set
from assay.events.types import POLICY_CHANGED
from assay.governance.records import policies, rollouts
from assay.policy import AuthenticationStrengthPolicy, ConditionalAccessPolicy, export_strength
from assay.policy.amended import amended, own_part
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node
from assay.policy.importers.strengths import read_strength
from assay.policy.strengths import BUILT_IN
from assay.store import Reader, Transaction
from assay.values import ConflictError, NotFoundError, Reason, Value
from assay.values.naming import by_id_or_name

MAX_NAME: Final = 256
COMBINATIONS: Final = "allowedcombinations"
# What Graph lets a PATCH change; combinations have an action of their own.
_PATCHED: Final = frozenset({"displayname", "description"})


class NewCombinations(Value, frozen=True, kw_only=True):
    """What became of a strength, and the policies that demand it."""

    before: AuthenticationStrengthPolicy
    after: AuthenticationStrengthPolicy
    policies: tuple[ConditionalAccessPolicy, ...]


class Strengths:
    """The flow behind `authenticationStrength/policies`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def create(self, by: By, body: Json) -> AuthenticationStrengthPolicy | NotDone:
        """Add a strength; raises MalformedError with the place of what is wrong, and ConflictError for a taken name."""
        strength = _read({**own_part(body), "id": self._premises.new_id()})
        # By its id each is changed and removed.
        limits = (replace(each, id=self._premises.new_id()) for each in strength.combination_configurations)
        strength = replace(strength, combination_configurations=tuple(limits))

        def create(transaction: Transaction) -> AuthenticationStrengthPolicy:
            return self._put(transaction, by, None, strength)

        return await attempt(self._premises.store, create)

    async def amend(
        self, by: By, name: str, body: Json, *, seen: Seen = WHATEVER
    ) -> AuthenticationStrengthPolicy | NotDone:
        """Rename or describe a strength anew; raises as `create`, and NotFoundError."""
        part = own_part(body)
        for key in part:
            if "@" not in key and key.lower() not in _PATCHED:
                raise MalformedError((key,), "notPatched")

        def amend(transaction: Transaction) -> AuthenticationStrengthPolicy:
            before = own_strength(transaction, name)
            seen.refuse_other(before)
            return self._put(transaction, by, before, _read(amended(export_strength(before), part)))

        return await attempt(self._premises.store, amend)

    async def set_combinations(
        self, by: By, name: str, body: Json, *, seen: Seen = WHATEVER
    ) -> NewCombinations | NotDone:
        """Graph's updateAllowedCombinations; what is open under a policy that demands it is judged anew."""
        part = own_part(body)
        if {key.lower() for key in part if "@" not in key} != {COMBINATIONS}:
            raise MalformedError(("allowedCombinations",), "required")

        def change(transaction: Transaction) -> NewCombinations:
            before = own_strength(transaction, name)
            seen.refuse_other(before)
            after = self._put(transaction, by, before, _read(amended(export_strength(before), part)))
            return NewCombinations(before=before, after=after, policies=demanding(transaction, before))

        return await attempt(self._premises.store, change)

    async def remove(self, by: By, name: str, *, seen: Seen = WHATEVER) -> AuthenticationStrengthPolicy | NotDone:
        """Remove a strength; refused while a policy demands it, since nobody could meet that any more."""

        def remove(transaction: Transaction) -> AuthenticationStrengthPolicy:
            strength = own_strength(transaction, name)
            seen.refuse_other(strength)
            back = tuple(each for each in rollouts.going_back_to(transaction) if _demands(each, strength))
            found = (*demanding(transaction, strength), *back)
            if found:
                named = ", ".join(dict.fromkeys(policy.display_name for policy in found))
                raise UndoneError(Reason.of("strengthInUse", policies=named))
            publish(self._premises, transaction, by, (Change(kind=POLICY_CHANGED, before=strength),))
            return strength

        return await attempt(self._premises.store, remove)

    def _put(
        self,
        transaction: Transaction,
        by: By,
        before: AuthenticationStrengthPolicy | None,
        after: AuthenticationStrengthPolicy,
    ) -> AuthenticationStrengthPolicy:
        return put_strength(self._premises, transaction, by, before, after)


def put_strength(
    premises: Premises,
    transaction: Transaction,
    by: By,
    before: AuthenticationStrengthPolicy | None,
    after: AuthenticationStrengthPolicy,
) -> AuthenticationStrengthPolicy:
    """Publish a strength; raises ConflictError for a name that is taken, and UndoneError where `publish` does."""
    for each in (*BUILT_IN.values(), *policies.strengths(transaction)):
        if each.id != after.id and each.display_name.casefold() == after.display_name.casefold():
            raise ConflictError(f"there is a strength {after.display_name!r} already", remedy="choose another name")
    publish(premises, transaction, by, (Change(kind=POLICY_CHANGED, before=before, after=after),))
    return after


def strength_named(reader: Reader, name: str) -> AuthenticationStrengthPolicy:
    """The strength with this id or name, those built in among them; raises NotFoundError."""
    every = (*BUILT_IN.values(), *policies.strengths(reader))
    found = by_id_or_name(every, name, id_of=lambda each: each.id, name_of=lambda each: each.display_name)
    if found is not None:
        return found
    raise NotFoundError(
        f"there is no authentication strength {name!r}",
        remedy="list them at /identity/conditionalAccess/authenticationStrength/policies",
    )


def own_strength(reader: Reader, name: str) -> AuthenticationStrengthPolicy:
    """One that is not built in; raises NotFoundError, and MalformedError for one that is."""
    strength = strength_named(reader, name)
    if strength.id in BUILT_IN:
        raise MalformedError((), "builtIn")
    return strength


def demanding(reader: Reader, strength: AuthenticationStrengthPolicy) -> tuple[ConditionalAccessPolicy, ...]:
    """The policies that demand a strength, whatever their state."""
    return tuple(policy for policy in read_policy_set(reader).policies if _demands(policy, strength))


def _demands(policy: ConditionalAccessPolicy, strength: AuthenticationStrengthPolicy) -> bool:
    return policy.grant_controls is not None and policy.grant_controls.authentication_strength == strength.id


def _read(value: JsonObject) -> AuthenticationStrengthPolicy:
    """A strength nothing of which is unknown here: what nobody can prove would refuse everybody."""
    strength = read_strength(Node(value, (), []))
    for part in strength.undecided:
        raise MalformedError(part.path, "unknownValue", value=part.json[:100])
    name = strength.display_name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise MalformedError(("displayName",), "required")
    if not strength.allowed_combinations:
        raise MalformedError(("allowedCombinations",), "required")
    return replace(strength, display_name=name)

"""Graph's What If on what is in force here: which policies would apply to a sign-in of somebody of this directory."""

import asyncio

from msgspec.structs import replace

from assay.access.signals import Signals
from assay.policy import Principal
from assay.policy.graph_json import Json, JsonObject
from assay.policy.offline import read_evaluate, rows
from assay.policy.what_if import what_if
from assay.store import StoreUnavailableError
from assay.values import CredentialId, InvalidInputError, UserId


class Evaluate:
    """The flow behind `evaluate`; nothing is decided by it, and nothing stored."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals

    async def evaluate(self, body: Json) -> tuple[JsonObject, ...]:
        """Graph's whatIfAnalysisResult of each policy, by the groups and roles of this moment.

        Raises MalformedError with the place of what is wrong in the body, InvalidInputError for somebody who is not
        here, StoreUnavailableError while the policies cannot be read.
        """
        asked = read_evaluate(body)
        compiled = self._signals.compiled
        if compiled.unreadable:
            raise StoreUnavailableError(
                "the stored policies cannot be read, so nobody can tell which apply", remedy="see: assay doctor"
            )
        request = replace(asked.request, principal=self._principal(asked.request.principal))
        # Beside the event loop: every policy is explained condition by condition.
        return await asyncio.to_thread(
            lambda: rows(what_if(compiled, request), applied_only=asked.applied_policies_only)
        )

    def _principal(self, asked: Principal) -> Principal:
        """Who it is here: a person with groups and roles, a program, or an external user of whom no object is here."""
        if asked.kind is None:
            if CredentialId(asked.id) in self._signals.app_access.by_id:
                return asked
            raise InvalidInputError(
                f"signInIdentity: there is no program {asked.id!r} here", remedy="use the id of a service credential"
            )
        found = self._signals.subject(UserId(asked.id))
        if found is not None:
            known = found.principal
            if asked.guest_type is None:
                return known
            return replace(known, kind=asked.kind, guest_type=asked.guest_type, tenant=asked.tenant or known.tenant)
        if asked.guest_type is not None:
            return asked
        raise InvalidInputError(
            f"signInIdentity: there is no user {asked.id!r} here",
            remedy="use the id of a user, or say externalUserType of somebody of whom no object is here",
        )

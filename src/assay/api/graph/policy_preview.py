"""/v1.0/assay/policies/preview and proofs: the evidence beside a policy that is being written; nothing is stored."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from assay.access.authorize import Caller, Permission, permissions_of
from assay.access.draft_proofs import Proof
from assay.access.preview_policy import Crowd, PolicyPreview, PreviewPolicy
from assay.access.prove_draft import ProveDraft
from assay.api.graph.asking import Asking, body_of
from assay.api.graph.changes import BODY_LIMIT
from assay.api.sentences import sentence
from assay.api.shapes.policies import DanglingShape
from assay.api.while_they_wait import while_they_wait
from assay.policy import export_policy
from assay.policy.graph_json import JsonObject
from assay.policy.malformed_sentences import reason_words
from assay.values import Wire


class PreviewRequest(Wire, frozen=True, kw_only=True):
    """Graph's conditionalAccessPolicy as it stands; without `id` a new one."""

    policy: dict[str, object]


class MalformedPart(Wire, frozen=True, kw_only=True):
    """What cannot be read: its place by dots, why, in words, and what belongs to that."""

    where: str
    code: str
    message: str
    parameters: dict[str, str]


class PersonShape(Wire, frozen=True, kw_only=True):
    """Somebody, by Graph's names."""

    id: str
    display_name: str
    user_principal_name: str


class CrowdShape(Wire, frozen=True, kw_only=True):
    """How many, and the first of them by name; nobody is named to who may not read people."""

    count: int
    people: tuple[PersonShape, ...]


class AffectedShape(Wire, frozen=True, kw_only=True):
    """Enabled people whom the policy is about, and who comes and goes beside the stored version.

    `now` is null where a part of the conditions on people is not decided, the others also where nothing is stored.
    """

    now: CrowdShape | None
    joining: CrowdShape | None
    leaving: CrowdShape | None


class PreviewShape(Wire, frozen=True, kw_only=True):
    """The policy as it would be stored (null where it cannot be read), and what there is to know of it.

    `undecided` and `dangling` keep it from being switched on, and so does `refused`, a sentence, as where it would
    lock every administrator out; with a `contradiction` it would not even be stored. `unenforced`: its demands that
    nobody can meet here. `namesEmergencyAccess`: it names an emergency access account, for which it changes nothing.
    """

    policy: dict[str, object] | None
    stored: bool
    sentence: str
    malformed: tuple[MalformedPart, ...]
    undecided: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    unenforced: tuple[str, ...]
    names_emergency_access: bool
    contradiction: str | None
    refused: str | None
    affected: AffectedShape | None


@post(
    "/assay/policies/preview",
    status_code=200,
    request_max_body_size=BODY_LIMIT,
    opt={"permission": Permission.POLICY_READ_ALL},
)
async def preview_policy(
    request: Asking,
    data: JSONBody[PreviewRequest],
    preview: NamedDependency[PreviewPolicy],
    caller: NamedDependency[Caller],
) -> PreviewShape:
    """What this policy would be: how it is read, whom it is about, and what keeps it from being switched on."""
    named = Permission.USER_READ_ALL in permissions_of(caller.roles)
    return _shape(await preview.preview(await policy_of(request)), named=named)


async def policy_of(request: Asking) -> JsonObject:
    """The policy of a request that has been decoded; raises MalformedError where a key stands twice."""
    whole = await body_of(request)
    policy = whole.get("policy") if isinstance(whole, dict) else None
    assert isinstance(policy, dict)
    return policy


class ProofsShape(Wire, frozen=True, kw_only=True):
    """What was proved of the policy as if it were on; `complete`: nothing was cut off by the limit of time or memory.

    `superseded`: the same caller asked of a newer draft meanwhile, and `value` is empty.
    """

    value: tuple[Proof, ...]
    complete: bool
    superseded: bool


@post(
    "/assay/policies/proofs",
    status_code=200,
    request_max_body_size=BODY_LIMIT,
    opt={"permission": Permission.POLICY_READ_ALL},
)
async def prove_policy(
    request: Asking,
    data: JSONBody[PreviewRequest],
    proving: NamedDependency[ProveDraft],
    caller: NamedDependency[Caller],
) -> ProofsShape:
    """Statements about every sign-in there can be with this policy on: proved, or refuted by sign-ins that show it."""
    proofs = proving.prove(caller.user_id or caller.token_id or "", await policy_of(request))
    found = await while_they_wait(request, proofs)
    if found is None:
        return ProofsShape(value=(), complete=True, superseded=True)
    return ProofsShape(value=found.answers, complete=found.complete, superseded=False)


ROUTES: Final = (preview_policy, prove_policy)


def _shape(found: PolicyPreview, *, named: bool) -> PreviewShape:
    planned, affected = found.planned, found.affected
    return PreviewShape(
        policy=None if planned is None else dict(export_policy(planned.policy)),
        stored=planned is not None and planned.before is not None,
        sentence=found.sentence,
        malformed=tuple(
            MalformedPart(
                where=each.path,
                code=each.reason.code,
                message=reason_words(each.reason),
                parameters=dict(each.reason.parameters),
            )
            for each in found.malformed
        ),
        undecided=() if planned is None else planned.undecided,
        dangling=()
        if planned is None
        else tuple(DanglingShape(kind=each.kind.value, path=each.path, id=each.id) for each in planned.dangling),
        unenforced=() if planned is None else planned.unenforced,
        names_emergency_access=found.names_emergency,
        contradiction=None if found.contradiction is None else sentence(found.contradiction)[0],
        refused=None if found.refused is None else sentence(found.refused)[0],
        affected=None
        if affected is None
        else AffectedShape(
            now=_crowd(affected.now, named=named),
            joining=_crowd(affected.joining, named=named),
            leaving=_crowd(affected.leaving, named=named),
        ),
    )


def _crowd(found: Crowd | None, *, named: bool) -> CrowdShape | None:
    if found is None:
        return None
    people = tuple(
        PersonShape(id=user.id, display_name=user.display_name, user_principal_name=user.user_name)
        for user in found.first
    )
    return CrowdShape(count=found.count, people=people if named else ())

"""/v1.0/identity/conditionalAccess/evaluate: Graph's What If, on the policies and people that are here."""

from typing import Final

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from assay.access.authorize import Permission
from assay.api.graph.asking import JSON, Asking, Rows, answers, body_of, link_of
from assay.api.graph.changes import BODY_LIMIT
from assay.api.graph.policies import BASE
from assay.api.writing import Writing

CONTEXT: Final = "Collection(microsoft.graph.whatIfAnalysisResult)"


class WhatIfShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's whatIfAnalysisResult: the policy, whether it applies, and what speaks against it first."""

    id: str
    display_name: str
    state: str
    policy_applies: bool
    analysis_reasons: str


@post(
    f"{BASE}/evaluate",
    status_code=200,
    request_max_body_size=BODY_LIMIT,
    opt={"permission": Permission.POLICY_READ_ALL},
    responses=answers(Rows[WhatIfShape]),
)
async def evaluate(
    request: Asking, data: JSONBody[dict[str, object]], writing: NamedDependency[Writing]
) -> Response[bytes]:
    """Say of each policy whether it would apply to the sign-in that the body describes."""
    value = await writing.evaluate.evaluate(await body_of(request))
    answer = {"@odata.context": f"{link_of(request).root}/$metadata#{CONTEXT}", "value": value}
    return Response(msgspec.json.encode(answer), media_type=JSON)


ROUTES: Final = (evaluate,)

"""Graph's What If as it is printed and answered: each policy, whether it applies, and what speaks against it."""

from collections.abc import Iterable

from assay.policy.graph_json import JsonObject
from assay.policy.importers import export_policy
from assay.policy.offline.given_set import GivenSet, SetProblem
from assay.policy.offline.sign_in_document import SignIn
from assay.policy.what_if import WhatIfResult, what_if
from assay.values import Wire


class Analysis(Wire, frozen=True, kw_only=True):
    """A collection of Graph's whatIfAnalysisResult."""

    value: tuple[JsonObject, ...]
    notes: tuple[str, ...]
    set_problems: tuple[SetProblem, ...]


def analysis(given: GivenSet, sign_in: SignIn, *, problems: bool = True) -> Analysis:
    """Analyse a sign-in of a document by a set."""
    return Analysis(
        value=rows(what_if(given.compiled, sign_in.request), applied_only=sign_in.applied_policies_only),
        notes=sign_in.notes,
        set_problems=given.problems if problems else (),
    )


def rows(results: Iterable[WhatIfResult], *, applied_only: bool) -> tuple[JsonObject, ...]:
    """Graph's whatIfAnalysisResult: the whole policy, and what came out."""
    return tuple(
        {
            **export_policy(each.policy),
            "policyApplies": each.applies,
            "analysisReasons": each.reason.value,
        }
        for each in results
        if each.applies or not applied_only
    )

"""What whoever publishes is told of what was proved: in an answer's body, or beside Graph's in a header."""

import re
from typing import Final, TypeVar

from litestar import Response

from assay.access.attempt import By
from assay.access.publications import Published
from assay.api.graph.asking import Asking
from assay.api.shapes.published import FindingShape, ProofShape, PublishedShape, ShownShape

T = TypeVar("T")
# The command line waits that long, and shows later what is not known by then.
SECONDS: Final = 20.0
EFFECT: Final = "publication-effect"
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,4})\"?(?:$|[,;\s])", re.IGNORECASE)


async def told(by: By, *, seconds: float = SECONDS) -> PublishedShape | None:
    """What was proved of what was just published."""
    published = None if by.receipt is None else await by.receipt.within(seconds)
    return None if published is None else published_shape(published)


def wish_to_wait(request: Asking) -> float:
    """For how many seconds the client wants to wait (RFC 7240, `Prefer: wait`); 0 where it does not say."""
    found = _WAIT.search(",".join(request.headers.getall("prefer", [])))
    return min(SECONDS, float(found[1])) if found else 0


async def with_effect(request: Asking, by: By, response: Response[T]) -> Response[T]:
    """The answer with what became of who is let in (`Publication-Effect`), as far as that is known."""
    published = await told(by, seconds=wish_to_wait(request))
    if published is not None:
        response.headers[EFFECT] = published.effect
    return response


def published_shape(published: Published) -> PublishedShape:
    """The same as it is written."""
    return PublishedShape(
        effect=published.effect.value,
        proofs=tuple(
            ProofShape(
                question=proof.question,
                statement=proof.statement,
                result=proof.result,
                why=proof.why,
                findings=tuple(
                    FindingShape(
                        words=each.words,
                        policies=each.policies,
                        shown=tuple(
                            ShownShape(words=shown.words, decision=shown.decision, sign_in=shown.sign_in)
                            for shown in each.shown
                        ),
                    )
                    for each in proof.findings
                ),
            )
            for proof in published.proofs
        ),
    )

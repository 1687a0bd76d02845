"""What one decision costs: asked again, asked of a known session elsewhere, never asked before; and the peers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import cycle, islice
from time import perf_counter
from typing import Final

from msgspec.structs import replace

from assay.cli.bench.figures import Figure
from assay.policy import AccessRequest, AppTarget, compile_policies, decide
from assay.policy.compile import CompiledPolicySet
from assay.values import Value
from tests.policy.bench.cedar import Cedar
from tests.policy.bench.clock import TURN, Turns, interleaved
from tests.policy.bench.company import Company
from tests.policy.bench.peer import Peer
from tests.policy.bench.rego import Rego

# Asked again in each turn; and what is new in each turn of the others, of which the engine does not remember all.
SESSIONS, NEW = 1_000, 250
WARM_US, COLD_US, TIMES_CEDAR, TIMES_TEN = 3.0, 15.0, 300.0, 3.0
# regopy needs minutes to compile ten thousand rules.
PEERS: Final[dict[int, tuple[type[Peer], ...]]] = {
    10: (Cedar, Rego),
    100: (Cedar, Rego),
    1_000: (Cedar, Rego),
    10_000: (Cedar,),
}
PEER_SECONDS, CHECK_SECONDS = 0.05, 15.0  # of one turn; of the comparison of answers
CHECKED: Final = 3_000
Asked = tuple[int, AccessRequest]
Work = tuple[Callable[[], None], int]


class Compared(Value, frozen=True, kw_only=True):
    """One size of company."""

    policies: int
    warm: Turns
    elsewhere: Turns
    cold: Turns
    stranger: Turns
    worded: Turns
    floor: Turns
    peers: dict[str, Turns]
    checked: dict[str, int]
    outcomes: dict[str, int]
    applied: float


class Engine:
    """The engine under the clock, and the sessions that ask it."""

    def __init__(self, company: Company, compiled: CompiledPolicySet) -> None:
        self._company = company
        self._compiled = compiled
        self._sessions: list[Asked] = [
            (compiled.subject(request.principal), request) for request in company.requests(SESSIONS)
        ]
        self._next: Iterator[Asked] = cycle(self._sessions)
        self._answer(self._sessions)

    def warm(self, turn: int) -> Work:
        """The same session asks for the same app again, a second later: a new request, the kept mask."""
        return self._timed([(mask, _later(request, turn)) for mask, request in islice(self._next, SESSIONS)])

    def elsewhere(self, turn: int) -> Work:
        """A known session, from where it was, asks for another app."""
        asked = [(mask, _later(request, turn)) for mask, request in islice(self._next, NEW)]
        return self._timed([(mask, replace(request, target=self._company.request().target)) for mask, request in asked])

    def cold(self, _: int) -> Work:
        """A person, proofs, target, address, client and platform that were never asked together; the address is new.

        The mask is at hand, as the service keeps it for each person while nobody's membership changes.
        """
        requests = self._company.requests(NEW)
        return self._timed([(self._compiled.subject(request.principal), request) for request in requests])

    def stranger(self, _: int) -> Work:
        """As cold, and the mask of the person is made too."""
        compiled, requests = self._compiled, self._company.requests(NEW)

        def work() -> None:
            for request in requests:
                decide(compiled, compiled.subject(request.principal), request)

        return work, NEW

    def worded(self, turn: int) -> Work:
        """As stranger, and everything that the decision can say is read."""
        compiled, requests = self._compiled, self._company.requests(NEW)

        def work() -> None:
            for request in requests:
                found = decide(compiled, compiled.subject(request.principal), request)
                found.reasons, found.unmet, found.applied, found.report_only  # noqa: B018  reading is what is timed

        return work, NEW

    def floor(self, _: int) -> Work:
        """What no index can do without: a look-up for each of six conditions, and as many ANDs of such integers."""
        masks = [{number: mask for number, (mask, _) in enumerate(self._sessions)}] * 6

        def work() -> None:
            for number in range(TURN):
                found = -1
                for table in masks:
                    found &= table[number]

        return work, TURN

    def _timed(self, asked: list[Asked]) -> Work:
        return (lambda: self._answer(asked)), len(asked)

    def _answer(self, asked: Sequence[Asked]) -> None:
        compiled = self._compiled
        for mask, request in asked:
            decide(compiled, mask, request)


def _later(request: AccessRequest, turn: int) -> AccessRequest:
    assert isinstance(request.target, AppTarget)
    return replace(request, at=request.at + timedelta(seconds=turn), target=AppTarget(app_id=request.target.app_id))


def compare(policies: int, turns: int) -> Compared:
    """Ours, the floor and the peers; raises ValueError where an answer of a peer is another."""
    company = Company(policies)
    compiled = compile_policies(company.policy_set)
    requests = company.requests(CHECKED)
    decisions = [decide(compiled, compiled.subject(request.principal), request) for request in requests]
    outcomes: dict[str, int] = {}
    for decision in decisions:
        outcomes[decision.outcome] = outcomes.get(decision.outcome, 0) + 1
    applied = sorted(len(decision.applied) for decision in decisions)
    peers = [kind(company.policy_set) for kind in PEERS.get(policies, ())]
    checked: dict[str, int] = {}
    peers_work: dict[str, Callable[[int], Work]] = {}
    for peer in peers:
        peer.prepare(requests)
        checked[peer.name], each = same_answers(peer, compiled, requests)
        peers_work[peer.name] = _peer_work(peer, requests, each)
    engine = Engine(company, compiled)
    ours = {name: getattr(engine, name) for name in ("warm", "elsewhere", "cold", "stranger", "worded", "floor")}
    found = interleaved(ours | peers_work, turns)
    return Compared(
        policies=policies,
        **{name: found[name] for name in ours},
        peers={peer.name: found[peer.name] for peer in peers},
        checked=checked,
        outcomes=outcomes,
        applied=applied[len(applied) // 2],
    )


def same_answers(peer: Peer, compiled: CompiledPolicySet, requests: Sequence[AccessRequest]) -> tuple[int, float]:
    """How many requests both answered alike, and the peer's seconds for each."""
    spent, count = 0.0, 0
    for request in requests:
        question = peer.question(request)
        started = perf_counter()
        answer = peer.ask(question)
        spent += perf_counter() - started
        decision = decide(compiled, compiled.subject(request.principal), request)
        named = frozenset(value for reason in decision.reasons for key, value in reason.parameters if key == "policy")
        ours = (decision.outcome, named)
        if ours != peer.outcome(answer, request):
            raise ValueError(f"{peer.name} answers {peer.outcome(answer, request)}, not {ours}: {request}")
        count += 1
        if spent > CHECK_SECONDS:
            break
    return count, spent / count


def _peer_work(peer: Peer, requests: Sequence[AccessRequest], each: float) -> Callable[[int], Work]:
    count = max(1, min(TURN, int(PEER_SECONDS / each)))
    following = cycle(requests)

    def contender(_: int) -> Work:
        questions = [peer.question(request) for request in islice(following, count)]

        def work() -> None:
            for question in questions:
                peer.ask(question)

        return work, count

    return contender


def figures(found: Compared) -> list[Figure]:
    """The rows of one size; the targets are those of a thousand policies."""
    size, judged = f"{found.policies:,} policies", found.policies == 1_000
    rows = [
        Figure(name=f"{size}: warm", value=found.warm.median, unit="µs", target=WARM_US if judged else None),
        Figure(name=f"{size}: cold", value=found.cold.median, unit="µs", target=COLD_US if judged else None),
        Figure(name=f"{size}: cold, and the person's mask is made", value=found.stranger.median, unit="µs"),
        Figure(name=f"{size}: known session, another app", value=found.elsewhere.median, unit="µs"),
        Figure(name=f"{size}: the same, and every reason is read", value=found.worded.median, unit="µs"),
        Figure(name=f"{size}: warm, by the clock", value=found.warm.median_elapsed, unit="µs"),
        Figure(name=f"{size}: cold, by the clock", value=found.cold.median_elapsed, unit="µs"),
        Figure(name=f"{size}: six look-ups and ANDs", value=found.floor.median, unit="µs"),
        Figure(name=f"{size}: warm ÷ six look-ups and ANDs", value=found.warm.over(found.floor)),
    ]
    for name, turns in found.peers.items():
        rows += [
            Figure(name=f"{size}: {name}", value=turns.median, unit="µs"),
            Figure(
                name=f"{size}: {name} ÷ warm",
                value=turns.over(found.warm),
                target=TIMES_CEDAR if judged and name == Cedar.name else None,
                at_most=False,
            ),
            Figure(name=f"{size}: {name} ÷ cold", value=turns.over(found.cold)),
            Figure(name=f"{size}: answers equal to {name}'s", value=found.checked[name]),
        ]
    return rows


def growth(compared: dict[int, Compared]) -> list[Figure]:
    """What ten times as many policies cost."""
    if not compared.keys() >= {1_000, 10_000}:
        return []
    small, large = compared[1_000], compared[10_000]
    return [
        Figure(
            name=f"10,000 policies ÷ 1,000: {name}",
            value=getattr(large, name).median / getattr(small, name).median,
            target=TIMES_TEN,
        )
        for name in ("warm", "cold")
    ]


def note(found: Compared) -> str:
    """What the answers were, so that nobody thinks of a bench that only ever refuses."""
    total = sum(found.outcomes.values())
    shares = ", ".join(f"{name} {count / total:.0%}" for name, count in sorted(found.outcomes.items()))
    return f"{found.policies:,} policies: {shares}; {found.applied:.0f} policies apply to the median request."

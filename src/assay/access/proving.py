"""The owner's invariants, held against a set of policies before it is published: in a process of its own.

What that does not answer in time is not known, which refuses.
"""

import asyncio
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from assay.access.attempt import TIMES, By, FirstError, UndoneError
from assay.access.draft_proofs import Proof
from assay.access.prove_aside import SECONDS, Held, ToProve
from assay.access.solver_process import ask
from assay.policy import PolicySet, policy_set_hash
from assay.values import Reason, Value

REMEMBERED: Final = 64  # sets whose answers are kept
# Each is two proofs of up to a minute, and one more sets that are kept.
MOST_WAYS_BACK: Final = 8
_PROVER: Final = "assay.access.prove_aside"
_TOO_MANY: Final = "too many rollouts are open to prove what all of them would go back to; end some of them first"


class Verdict(Value, frozen=True, kw_only=True):
    """Of one set: the invariants that hold, those that do not, each with a region where, and those nobody knows of.

    `once`: no answer came, which is no property of the set; asked again it may come.
    """

    held: tuple[str, ...] = ()
    broken: dict[str, str]
    unknown: dict[str, str]
    once: bool = False


class WayBack(Value, frozen=True, kw_only=True):
    """What rollouts would go back to, those of `policy` by name: the set without a change, and with it."""

    policy: str
    before: PolicySet
    after: PolicySet


class Proving:
    """The file of invariants; read anew for each change, so that who may write it need not restart anything."""

    def __init__(self, invariants: Path) -> None:
        self._invariants = invariants
        # Read in the writer's thread: never changed, but replaced.
        self._known: dict[str, Verdict] = {}
        # One proof takes a core and some hundred megabytes, whoever asks for how many.
        self._one = asyncio.Lock()

    def hold(self, before: PolicySet, after: PolicySet, by: By, ways_back: Sequence[WayBack] = ()) -> tuple[Proof, ...]:
        """What is known of each invariant in `after`; held as well in what rollouts would go back to then.

        Raises UndoneError where it breaks what holds now, unless somebody says why it may. What is broken already
        refuses no change, or nothing could ever be mended. Raises FirstError where one of the sets was not proved yet:
        no transaction waits for a proof.
        """
        if by.override:
            return (_told("the owner's invariants", "notKnown", f"they were overridden: {by.override}"),)
        if len(ways_back) > MOST_WAYS_BACK:
            raise UndoneError(Reason.of("invariantNotKnown", invariants=_TOO_MANY))
        pairs = [("", before, after), *((each.policy, each.before, each.after) for each in ways_back)]
        verdicts = self._verdicts([each for _, *both in pairs for each in both])
        for (rolling, *_), was, becomes in zip(pairs, verdicts[::2], verdicts[1::2], strict=True):
            _refuse(rolling, was, becomes)
        becomes = verdicts[1]
        return (
            *(_told(name, "proved") for name in becomes.held),
            *(_told(name, "refuted", words) for name, words in becomes.broken.items()),
        )

    def _verdicts(self, sets: Sequence[PolicySet]) -> list[Verdict]:
        """Of each of these sets; raises FirstError where one was not proved yet."""
        known, keys = self._known, [self._key(each) for each in sets]
        unproved = [each for each, key in zip(sets, keys, strict=True) if key not in known]
        if unproved:
            raise FirstError(lambda: self._prove(unproved))
        found = [known[key] for key in keys]
        if any(each.once for each in found):
            self._known = {key: verdict for key, verdict in known.items() if not verdict.once}
        return found

    async def refusal(
        self, before: PolicySet, after: PolicySet, by: By, ways_back: Sequence[WayBack] = ()
    ) -> Reason | None:
        """Why `after` would not be published, or None; for whoever only asks."""
        for _ in range(TIMES):
            try:
                self.hold(before, after, by, ways_back)
            except UndoneError as error:
                return error.reason
            except FirstError as error:
                await error.first()
            else:
                return None
        return Reason.of("keptChanging")

    def _key(self, policy_set: PolicySet) -> str:
        return f"{policy_set_hash(policy_set)} {sha256(self._text().encode()).hexdigest()}"

    def _text(self) -> str:
        try:
            return self._invariants.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""  # which is no file of invariants: what holds is not known

    async def _prove(self, sets: Iterable[PolicySet]) -> None:
        async with self._one:
            for each in sets:
                key = self._key(each)
                if key not in self._known:
                    verdict = await self._asked(each)
                    kept = self._known if len(self._known) < REMEMBERED else {}
                    self._known = {**kept, key: verdict}

    async def _asked(self, policy_set: PolicySet) -> Verdict:
        content = msgspec.json.encode(ToProve(policy_set=policy_set, invariants=self._text()))
        said = await ask(_PROVER, content, SECONDS)
        if not said.complete:
            return Verdict(broken={}, unknown={str(self._invariants): "the proof ended without an answer"}, once=True)
        held = msgspec.json.decode(said.output, type=tuple[Held, ...])
        return Verdict(
            held=tuple(each.name for each in held if each.result == "proved"),
            broken={each.name: each.words for each in held if each.result == "refuted"},
            unknown={each.name: each.words for each in held if each.result == "notKnown"},
        )


def _refuse(rolling: str, was: Verdict, becomes: Verdict) -> None:
    """Raises UndoneError for what becomes broken or is not known; `rolling`: once the rollouts of these go back."""
    broken = {name: words for name, words in becomes.broken.items() if name not in was.broken}
    if broken:
        raise UndoneError(Reason.of("invariantBroken", invariants=_listed(broken, rolling)))
    if becomes.unknown:
        raise UndoneError(Reason.of("invariantNotKnown", invariants=_listed(becomes.unknown, rolling)))


def _listed(found: dict[str, str], rolling: str) -> str:
    listed = "; ".join(f"{name} ({words})" for name, words in found.items())
    return f"{listed}; that is when the rollout of {rolling!r} goes back" if rolling else listed


def _told(name: str, result: str, *why: str) -> Proof:
    return Proof(question="reach", statement=name, result=result, why=why)

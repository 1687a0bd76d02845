"""What the rollouts that are open would go back to: a change that is made meanwhile is held against that as well.

Going back waits for no proof (docs/decisions/0017). INVARIANT: what it leads to was proved with whatever else is in
force: else a policy that makes an invariant hold could be removed while another stands in for it, which then goes back.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from assay.access.proving import WayBack
from assay.governance.records import rollouts
from assay.governance.rollouts import Placed, Rollout
from assay.policy import PolicySet
from assay.policy.effect import plain_effect
from assay.store import Reader
from assay.values import PolicyId


def ways_back(reader: Reader, now: PolicySet, after: PolicySet, own: PolicyId | None) -> tuple[WayBack, ...]:
    """The sets that going back would lead to, without and with a change from `now` to `after`; `own`: its rollout.

    None where the change only adds to what is demanded: then it does so with any other policy as well.
    """
    if plain_effect(now, after) is not None:
        return ()
    return tuple(_ways_back([each for each in rollouts.every(reader) if each.id != own], now, after))


def _ways_back(open_now: Sequence[Rollout], now: PolicySet, after: PolicySet) -> Iterator[WayBack]:
    """One step back, all the way back, and all of them together all the way.

    The steps between decide for each person as one of these does, or as what is in force.
    """
    firsts: list[Rollout] = []
    for each in open_now:
        formers = dict.fromkeys((each.step.former, each.steps[0].former))
        backs = [(_put_back(now, each, former), _put_back(after, each, former)) for former in formers]
        # What only adds to the set after the change is no looser than that, which is proved itself.
        found = [(before, then) for before, then in backs if plain_effect(after, then) is None]
        yield from (WayBack(policy=each.name, before=before, after=then) for before, then in found)
        firsts += [each] if found else []
    if len(firsts) > 1:
        for each in firsts:
            now, after = (_put_back(of, each, each.steps[0].former) for of in (now, after))
        yield WayBack(policy=", ".join(each.name for each in firsts), before=now, after=after)


def _put_back(policy_set: PolicySet, rollout: Rollout, former: Placed) -> PolicySet:
    kept = [each for each in policy_set.policies if each.id not in (rollout.id, rollout.policy_id)]
    found = [each for each in (former.policy, former.companion) if each is not None]
    return replace(policy_set, policies=(*kept, *found))

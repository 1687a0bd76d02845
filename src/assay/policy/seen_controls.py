"""Each control of a policy that applies: satisfied by which methods, or what the shortest way lacks."""

from assay.policy.compile import CompiledPolicy
from assay.policy.controls import Alternative
from assay.policy.definition import PolicyState
from assay.policy.enforcement import Control, SessionControl
from assay.policy.explanation import ControlExplanation
from assay.policy.freshness import NO_AGES, Ages, Freshness
from assay.policy.judgement import Judgement
from assay.policy.request import ease
from assay.policy.satisfaction import AUTHENTICATION, missing_of, satisfied_by, satisfied_until


class SeenControls:
    """The controls of the policies that apply to one request."""

    def __init__(self, judgement: Judgement) -> None:
        self._judgement = judgement
        # Many policies share a demand; its ways are tried once for each.
        self._known: dict[tuple[Alternative, int, Ages], ControlExplanation] = {}

    def of(self, found: CompiledPolicy) -> tuple[ControlExplanation, ...]:
        """All of one policy."""
        judgement = self._judgement
        controls = [ControlExplanation(control="block", group=0, satisfied=False)] if found.blocks else []
        ages = judgement.ages if found.policy.state is PolicyState.ENABLED else found.ages
        for number, group in enumerate(judgement.groups(found)):
            controls += [self._one(alternative, number, ages) for alternative in group]
        if found.ages != NO_AGES:
            own = judgement.frequency_satisfied(found)
            controls.append(ControlExplanation(control=Control.SIGN_IN_FREQUENCY, group=len(controls), satisfied=own))
        unenforced = judgement.unenforced(found)
        for kept in sorted(found.session_controls - {SessionControl.SIGN_IN_FREQUENCY}):
            controls.append(ControlExplanation(control=kept, group=len(controls), satisfied=kept not in unenforced))
        return tuple(controls)

    def _one(self, alternative: Alternative, number: int, ages: Ages) -> ControlExplanation:
        key = (alternative, number, ages)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._explained(alternative, number, self._judgement.freshness(ages))
        return known

    def _explained(self, alternative: Alternative, number: int, fresh: Freshness) -> ControlExplanation:
        ways = [missing_of(alternative, way, fresh) for way in alternative.combinations]
        return ControlExplanation(
            control=alternative.control,
            group=number,
            satisfied=satisfied_until((alternative,), fresh, self._judgement.request) is not None,
            subject=alternative.subject,
            satisfied_by=satisfied_by(alternative, fresh) if alternative.control in AUTHENTICATION else (),
            missing=min(ways, key=ease, default=()),
        )

"""What proofs find, at the console: every sort of condition and every sentence has its German."""

from assay.policy.proof.dead import UNSEEN
from assay.policy.proof.ground import NOT_CONFIRMED, TOO_MANY
from assay.policy.proof.wording import PLAIN, SUBJECTS
from assay.policy.symbolic import AGENT_ACCOUNT, COMPLIANT_NETWORK, MANAGED, REGISTERED
from tests.policy.proof.console_words import keys_of, translated


def test_the_console_has_words_for_all_that_a_region_can_say() -> None:
    assert all(map(translated, (NOT_CONFIRMED, TOO_MANY, UNSEEN)))
    assert translated("P: applications: decided, and has no symbolic form")
    held = {REGISTERED, MANAGED, AGENT_ACCOUNT, COMPLIANT_NETWORK}
    assert keys_of("PLAIN") == {*PLAIN, *held}
    assert keys_of("VALUED") == {*SUBJECTS, "device", "risk", "appAttribute", "principalAttribute"} - held

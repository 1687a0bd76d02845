"""Every reason of a decision is told to administrators in words, beside its code."""

import re
from pathlib import Path

import pytest

import assay
from assay.access.standing import UNAVAILABLE
from assay.api.reason_sentences import SENTENCES, code_sentence
from assay.policy.judgement import CONTROL_REASONS

SOURCE = Path(assay.__path__[0])
# Who gives reasons to decisions: the engine, and those who refuse without asking it (`decide.refusal`).
DECIDING = ("policy/decide.py", "policy/freshness.py", "access/anonymous.py")
REFUSING = re.compile(r"^from assay\.access\.decide import .*\brefusal\b", re.MULTILINE)
# What pages say before anybody is judged, and what a change is told where a decision allows reading.
NO_DECISION = {"linksTooMany", "passInvalid", "readOnly"}


def test_every_reason_of_a_decision_has_a_sentence() -> None:
    refusing = [file for file in (SOURCE / "access").glob("*.py") if REFUSING.search(file.read_text())]
    assert {file.stem for file in refusing} >= {"programs", "enrol"}
    files = [*(SOURCE / name for name in DECIDING), *refusing]
    codes = {code for file in files for code in re.findall(r'Reason\.of\(\s*"(\w+)"', file.read_text())}
    codes |= set(re.findall(r'"(credential[A-Z]\w+)"', (SOURCE / "access/programs.py").read_text())) - {
        "credentialInvalid"
    }
    assert "credentialRevoked" in codes
    assert (codes | UNAVAILABLE | set(CONTROL_REASONS.values())) - NO_DECISION - set(SENTENCES) == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_no_sentence_is_a_code_or_has_a_gap(code: str) -> None:
    assert "{" not in code_sentence(code)
    assert " " in code_sentence(code)

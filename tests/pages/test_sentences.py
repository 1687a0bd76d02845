"""Every reason that a person can meet has a sentence, and every sentence takes the parameters it names."""

import re
from gettext import NullTranslations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import assay
from assay.pages.sentences import SENTENCES, sentence
from assay.policy.judgement import CONTROL_REASONS
from assay.values import Reason

SOURCE = Path(assay.__file__).parent
LITERAL = re.compile(r'(?:Reason|Refusal)\.of\(\s*"(\w+)"')
# Said to an administrator, or kept in events as a cause: a page says nothing of why a ticket is not good.
TICKETS = frozenset({"ticketExpired", "ticketOtherApp", "ticketOtherBrowser", "ticketUsed"})
ELSEWHERE = TICKETS | {"commandLine", "passLifetime", "registeredByPerson", "usedByPerson"}
FLOWS = (
    "sign_in",
    "sign_in_log",
    "admission",
    "decide",
    "next_step",
    "check",
    "enrol",
    "register_method",
    "verify_method",
    "tickets",
)


def emitted(*places: str) -> set[str]:
    """The codes that these parts of the source can emit."""
    files = [
        file
        for place in places
        for file in ([SOURCE / place] if place.endswith(".py") else (SOURCE / place).rglob("*.py"))
    ]
    return {code for file in files for code in LITERAL.findall(file.read_text())}


def test_every_reason_has_a_sentence() -> None:
    codes = emitted(
        *(f"access/{flow}.py" for flow in FLOWS),
        "identities/methods",
        "policy/decide.py",
        "policy/freshness.py",
        "pages",
    )
    codes |= set(CONTROL_REASONS.values())
    assert len(codes) > 30
    assert codes - ELSEWHERE - set(SENTENCES) == set()


def test_every_sentence_has_a_reason() -> None:
    sources = [file.read_text() for file in SOURCE.rglob("*.py") if file.name != "sentences.py"]
    assert {code for code in SENTENCES if not any(f'"{code}"' in source for source in sources)} == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_sentences_are_sentences(code: str) -> None:
    text = sentence(Reason(code=code), NullTranslations())
    assert text[0].isupper()
    assert text[-1] == "."


def test_a_reason_without_a_sentence_is_named() -> None:
    assert "somethingNew" in sentence(Reason.of("somethingNew"), NullTranslations())


@given(st.text(max_size=40))
def test_parameters_are_text_and_nothing_more(name: str) -> None:
    assert f"“{name}”" in sentence(Reason.of("blockedByPolicy", name=name, policy="p"), NullTranslations())

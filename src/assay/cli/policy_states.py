"""The states of a policy as people type them."""

from typing import Final

STATES: Final = {"on": "enabled", "off": "disabled", "report-only": "enabledForReportingButNotEnforced"}
WORDS: Final = {state: word for word, state in STATES.items()}

"""A browser in words, as it describes itself: for people to recognise, never to decide on."""

from gettext import NullTranslations

from assay.events.user_agents import browser_of, system_of
from assay.values.text import _

_BOTH = _("{browser} on {system}")
_UNKNOWN = _("Unknown browser")


def browser(user_agent: str, texts: NullTranslations) -> str:
    """Such as "Chrome 156 on Linux"."""
    program, system = browser_of(user_agent), system_of(user_agent)
    if program and system:
        return texts.gettext(_BOTH).format(browser=program, system=system)
    return program or system or texts.gettext(_UNKNOWN)

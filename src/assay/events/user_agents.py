"""What a user agent says of itself, in words that a list is filtered by: a claim, shown and never decided on."""

import re
from typing import Final

_SYSTEMS: Final = (
    (re.compile(r"Windows Phone"), "Windows Phone"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"iPhone|iPad|iPod"), "iOS"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Windows NT|Windows;"), "Windows"),
    (re.compile(r"Macintosh|Mac OS X|Darwin"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)
# In this order: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS: Final = (
    (re.compile(r"Edg(?:e|A|iOS)?/(\d{1,4})"), "Edge"),
    (re.compile(r"OPR/(\d{1,4})"), "Opera"),
    (re.compile(r"(?:Firefox|FxiOS)/(\d{1,4})"), "Firefox"),
    (re.compile(r"(?:Chrome|CriOS)/(\d{1,4})"), "Chrome"),
    (re.compile(r"Version/(\d{1,4})[\d.]* (?:Mobile/\w+ )?Safari/"), "Safari"),
)
_PROGRAM: Final = re.compile(r"([A-Za-z][\w-]{0,40})/(\d{1,4})")
BROWSER: Final = "browser"
PROGRAM: Final = "mobileAppsAndDesktopClients"


def system_of(user_agent: str) -> str:
    """The operating system; "" where it is not said."""
    return next((name for pattern, name in _SYSTEMS if pattern.search(user_agent)), "")


def browser_of(user_agent: str) -> str:
    """The browser or program with its main version, such as `Chrome 156`; "" where it is not said."""
    for pattern, name in _BROWSERS:
        found = pattern.search(user_agent)
        if found is not None:
            return f"{name} {found[1]}"
    program = None if user_agent.startswith("Mozilla/") else _PROGRAM.match(user_agent)
    return "" if program is None else f"{program[1]} {program[2]}"


def client_app_of(user_agent: str) -> str:
    """Graph's conditionalAccessClientApp; "" where nothing is said."""
    if not user_agent:
        return ""
    return BROWSER if user_agent.startswith("Mozilla/") else PROGRAM

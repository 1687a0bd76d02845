"""What a user agent says about platform and client app: a claim, which policies may only use to restrict."""

import re
from functools import lru_cache
from typing import Final

from assay.policy import ClientApp, Platform
from assay.values import Value

# In this order: Android's user agents also say Linux, iOS's also say Mac OS X, Windows Phone's say both.
PLATFORMS: Final = (
    (re.compile(r"Windows Phone", re.I), Platform.WINDOWS_PHONE),
    (re.compile(r"Android", re.I), Platform.ANDROID),
    (re.compile(r"iPhone|iPad|iPod", re.I), Platform.IOS),
    (re.compile(r"CrOS", re.I), None),  # Entra names no such platform: it matches "all" only
    (re.compile(r"Windows NT|Windows;", re.I), Platform.WINDOWS),
    (re.compile(r"Macintosh|Mac OS X|Darwin", re.I), Platform.MACOS),
    (re.compile(r"Linux|X11", re.I), Platform.LINUX),
)


class Client(Value, frozen=True, kw_only=True):
    """The client as it describes itself; `platform` None is unknown or unsupported."""

    app: ClientApp
    platform: Platform | None


@lru_cache(maxsize=4_096)
def read_client(user_agent: str) -> Client:
    """Read a User-Agent header (RFC 9110 §10.1.5); "" is an unknown platform and no browser."""
    browser = user_agent.startswith("Mozilla/")
    platform = next((found for pattern, found in PLATFORMS if pattern.search(user_agent)), None)
    app = ClientApp.BROWSER if browser else ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS
    return Client(app=app, platform=platform)

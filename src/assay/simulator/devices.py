"""What people work with: three devices for two people on five platforms, each a browser known by its cookie."""

from random import Random
from typing import Final

from assay.policy import Platform
from assay.values import Value

CHROME: Final = ("141.0.0.0", "142.0.0.0", "143.0.0.0")
FIREFOX: Final = ("144.0", "145.0")
_WEBKIT: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
# Of a hundred laptops and of a hundred phones.
LAPTOPS: Final = ((Platform.WINDOWS, 52), (Platform.MACOS, 31), (Platform.LINUX, 17))
PHONES: Final = ((Platform.IOS, 55), (Platform.ANDROID, 45))


class Device(Value, frozen=True, kw_only=True):
    """A person's browser; `phone` is not used for a whole day's work."""

    platform: Platform
    user_agent: str
    phone: bool


def laptop(random: Random) -> Device:
    """A laptop of some platform."""
    platform = _drawn(random, LAPTOPS)
    return Device(platform=platform, user_agent=_user_agent(random, platform), phone=False)


def phone(random: Random) -> Device:
    """A phone of some platform."""
    platform = _drawn(random, PHONES)
    return Device(platform=platform, user_agent=_user_agent(random, platform), phone=True)


def _drawn(random: Random, among: tuple[tuple[Platform, int], ...]) -> Platform:
    return random.choices([platform for platform, _ in among], weights=[weight for _, weight in among])[0]


def _user_agent(random: Random, platform: Platform) -> str:
    chrome, firefox = random.choice(CHROME), random.choice(FIREFOX)
    match platform:
        case Platform.WINDOWS:
            return f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{chrome} Safari/537.36"
        case Platform.MACOS:
            return f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Version/26.1 Safari/605.1.15"
        case Platform.IOS:
            return f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {_SAFARI} Version/26.1 Mobile/15E148"
        case Platform.ANDROID:
            return f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/{chrome} Mobile Safari/537.36"
        case _:
            return f"Mozilla/5.0 (X11; Linux x86_64; rv:{firefox}) Gecko/20100101 Firefox/{firefox}"

"""Steps and problems become HTML: one template for each, escaped by default, in the person's language."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from assay.access.own_steps import DevicesPage, Home, OfferPasskey, SessionsPage, SignInsPage
from assay.access.steps import (
    AskAgain,
    AskDeviceCode,
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    ConfirmDevice,
    ConfirmEnrolment,
    ConfirmTotp,
    DeviceAnswered,
    HelpDeskPage,
    NotFound,
    Refused,
    ShowRecoveryCodes,
    ShowResetLink,
)
from assay.access.visitor import Destination
from assay.pages.addresses import continue_address
from assay.pages.assets import assets
from assay.pages.browsers import browser
from assay.pages.sentences import sentence
from assay.pages.settings import PagesSettings
from assay.policy.targets import NAMED_TARGETS
from assay.values import Reason, Value
from assay.values.text import translations


class Onward(Value, frozen=True, kw_only=True):
    """A page that goes on by itself, where a redirect after a form would be blocked by `form-action`."""

    location: str


class SignedOut(Value, frozen=True, kw_only=True):
    """The session at `id.` has ended."""


class Renewed(Value, frozen=True, kw_only=True):
    """A reset is complete: the new methods are in."""


class Trouble(Value, frozen=True, kw_only=True):
    """A request that ended before any flow was asked."""

    status: int
    reason: Reason
    way_on: str


Shown = (
    AskFirstFactor
    | AskSecondFactor
    | AskAgain
    | Refused
    | ConfirmEnrolment
    | ChooseMethods
    | ConfirmTotp
    | ShowRecoveryCodes
    | NotFound
    | Home
    | Onward
    | HelpDeskPage
    | ShowResetLink
    | AskDeviceCode
    | ConfirmDevice
    | DeviceAnswered
    | SessionsPage
    | DevicesPage
    | SignInsPage
    | OfferPasskey
    | SignedOut
    | Renewed
    | Trouble
)

_TEMPLATES: Final[dict[type[Shown], str]] = {
    AskFirstFactor: "sign_in.html",
    AskSecondFactor: "second_factor.html",
    AskAgain: "sign_in_again.html",
    Refused: "refused.html",
    ConfirmEnrolment: "confirm_enrolment.html",
    ChooseMethods: "methods.html",
    ConfirmTotp: "confirm_totp.html",
    ShowRecoveryCodes: "recovery_codes.html",
    NotFound: "not_found.html",
    Home: "home.html",
    Onward: "onward.html",
    HelpDeskPage: "help_desk.html",
    ShowResetLink: "reset_link.html",
    AskDeviceCode: "device_code.html",
    ConfirmDevice: "confirm_device.html",
    DeviceAnswered: "device_answered.html",
    SessionsPage: "sessions.html",
    DevicesPage: "devices.html",
    SignInsPage: "sign_ins.html",
    OfferPasskey: "offer_passkey.html",
    SignedOut: "signed_out.html",
    Renewed: "renewed.html",
    Trouble: "trouble.html",
}

_NOWHERE: Final = Destination()
_KEY_GROUP: Final = 4
_HUES: Final = 6
_OURS: Final = frozenset(NAMED_TARGETS.values())


def render(shown: Shown, settings: PagesSettings, *, language: str, destination: Destination = _NOWHERE) -> bytes:
    """The whole page."""
    template = _template(language, _TEMPLATES[type(shown)])
    return template.render(step=shown, destination=destination, settings=settings).encode()


@cache
def _template(language: str, name: str) -> Template:
    template = _environment(language).get_template(name)
    # A dictionary: what Jinja has here looks up each of its names again for every page.
    template.globals = dict(template.globals)
    return template


@cache
def _environment(language: str) -> Environment:
    """One environment a language, because a compiled template is bound to its texts."""
    texts = translations(language)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.add_extension("jinja2.ext.i18n")
    environment.globals.update(
        language=language,
        assets={name: asset.address for name, asset in assets().items()},
        sentence=lambda reason: sentence(reason, texts),
        qr_code=qr_code,
        key_groups=key_groups,
        hue=hue,
        error_area=error_area,
        continue_address=continue_address,
        # Of Assay's own targets the name is ours to translate.
        called=lambda name: texts.gettext(name) if name in _OURS else name,
        browser=lambda user_agent: browser(user_agent, texts),
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension above
        texts.gettext, texts.ngettext, newstyle=True, pgettext=texts.pgettext, npgettext=texts.npgettext
    )
    environment.globals["gettext"] = _remembering(cast("Callable[..., str]", environment.globals["gettext"]))
    return environment


def _remembering(gettext: Callable[..., str]) -> Callable[..., str]:
    """Jinja's `gettext`, which looks up and formats a text that has nothing to be filled in once, not for each page."""
    # As many as the templates have: none of their texts comes from anywhere else.
    known: dict[str, str] = {}

    @pass_context
    def text(context: Context, message: str, **variables: object) -> str:
        if variables:
            return gettext(context, message, **variables)
        found = known.get(message)
        if found is None:
            found = known[message] = gettext(context, message)
        return found

    return text


def qr_code(uri: str) -> Markup:
    """The QR code as an SVG element with attributes only: the page's policy allows no inline style."""
    # Not above: a code is shown to whoever sets up an authenticator app, and to nobody else.
    import segno

    code = segno.make(uri, error="m", micro=False)
    # segno builds the markup from module positions; nothing of `uri` is written into it as text.
    return Markup(code.svg_inline(omitsize=True, border=4, svgclass="qr-code", lineclass="qr-modules"))  # noqa: S704


def key_groups(secret: str) -> tuple[str, ...]:
    """A key in groups of four, as people read it aloud and type it."""
    return tuple(secret[start : start + _KEY_GROUP] for start in range(0, len(secret), _KEY_GROUP))


def hue(name: str) -> int:
    """Which of the tile colours this name has, the same everywhere and always."""
    return sum(name.encode()) % _HUES


def error_area(error: Reason | None) -> str:
    """Which part of a page an error belongs to, by the noun its code starts with; "" for the page as a whole."""
    if error is None:
        return ""
    return next((noun for noun in ("passkey", "password", "totp", "recovery") if error.code.startswith(noun)), "")

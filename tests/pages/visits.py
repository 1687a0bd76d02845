"""The way to each page in a browser, by name, with the title that it has."""

import re
from collections.abc import Callable

from msgspec.structs import replace
from playwright.sync_api import Page, expect

from assay.access.own_steps import OwnDevice, OwnSession, OwnSignIn, ResetShown
from assay.access.steps import ResetRow
from assay.events.sign_ins import SignInOutcome
from assay.sessions.session import SessionKind
from assay.values import Reason
from tests.pages.company import NOON, PASS, PASSWORD, Person
from tests.pages.server import Serving

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


Visit = Callable[[Page, Serving], None]


def press_password(page: Page, password: str = PASSWORD) -> None:
    """The user name field has the focus when the page opens."""
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def sign_in(page: Page, served: Serving, address: str) -> None:
    page.goto(address)
    press_password(page)


def first_factor(page: Page, served: Serving) -> None:
    page.goto(f"{served.app('wiki')}/")


def wrong_password(page: Page, served: Serving) -> None:
    page.goto(f"{served.app('wiki')}/")
    press_password(page, "wrong")


def second_factor(page: Page, served: Serving) -> None:
    sign_in(page, served, f"{served.app('wiki')}/")
    page.get_by_text("Use a recovery code instead").click()


def again(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.app('fresh')}/")


def refused(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.app('vault')}/")


def home(page: Page, served: Serving) -> None:
    """Signed in by keyboard, once; from then on with the cookies that this gave."""
    if served.signed_in:
        page.context.add_cookies(served.signed_in)  # type: ignore[arg-type]  # playwright reads what it gave, and types it apart
        page.goto(f"{served.url}/")
    else:
        sign_in(page, served, f"{served.url}/sign-in")
    expect(page.get_by_role("heading", name="Your apps")).to_be_visible()
    if not served.signed_in:
        served.signed_in = page.context.cookies()


def link(page: Page, served: Serving) -> None:
    served.company.people["new"] = Person("new", "Grace Hopper")
    served.company.passes[PASS] = "new"
    page.goto(f"{served.url}/enrol/{PASS}")


def methods(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Set a password", exact=True).click()
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Save the password").click()


def authenticator_app(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Set up an authenticator app").click()


def recovery_codes(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Make recovery codes").click()


def nothing_here(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/nothing")


def dead_link(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/enrol/used")


def signed_out(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/signed-out")


def opened_reset(*, completed: bool = False) -> ResetShown:
    return ResetShown(
        reason="Lost the phone on the train; known by sight",
        requested_by="grace",
        requested_at=NOON,
        approved_by=("margaret",),
        waits_until=NOON,
        completed_at=NOON if completed else None,
    )


def told_of_a_reset(page: Page, served: Serving) -> None:
    served.company.reset = opened_reset()
    home(page, served)
    expect(page.get_by_role("button", name="This was not me: stop it")).to_be_visible()
    served.company.reset = None


def told_that_it_is_done(page: Page, served: Serving) -> None:
    served.company.reset = opened_reset(completed=True)
    home(page, served)
    expect(page.get_by_role("button", name="I know of this")).to_be_visible()
    served.company.reset = None


def help_desk(page: Page, served: Serving) -> None:
    waiting = ResetRow(
        id="r2",
        user_name="katherine.johnson@flight-research.example.com",
        display_name="Katherine Johnson",
        reason="New phone, the old one was wiped; called back on the number we have",
        requested_by="grace",
        requested_at=NOON,
        approved_by=("margaret",),
        begun=False,
        approve=None,
        link=None,
    )
    served.company.resets = (waiting,)
    home(page, served)
    page.get_by_role("link", name="Help-desk").click()
    expect(page.get_by_role("heading", name="Help-desk")).to_be_visible()


def help_desk_asked(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_label("Exact user name").fill("new")
    page.get_by_label("Reason, and how").fill("Lost the key; known by sight")
    page.get_by_role("button", name="Ask for a reset").click()
    expect(page.get_by_role("status")).to_contain_text("Somebody else has to approve")


def help_desk_error(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_label("Exact user name").fill("no such person")
    page.get_by_label("Reason, and how").fill("Lost the key")
    page.get_by_role("button", name="Ask for a reset").click()


def reset_link(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_role("button", name="Show the one-time link").click()


def renewed(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/methods/renewed")


def device_code(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.url}/device")


def device_code_error(page: Page, served: Serving) -> None:
    device_code(page, served)
    page.get_by_label("Code").fill("XXXX-XXXX")
    page.keyboard.press("Enter")


def device_confirm(page: Page, served: Serving) -> None:
    device_code(page, served)
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type("BCDF-GHJK")
    page.keyboard.press("Enter")


def device_answered(page: Page, served: Serving) -> None:
    device_confirm(page, served)
    page.get_by_role("button", name="Allow").press("Enter")


def elsewhere(number: int, **parts: object) -> OwnSession:
    base = OwnSession(
        id=f"s{number}",
        here=False,
        kind=SessionKind.BROWSER,
        user_agent=FIREFOX,
        address="2001:db8:7:1:9c1f:33ff:fe21:4a10",
        apps=("Data explorer", "Quarterly planning notebooks", "Wiki"),
        started_at=NOON,
        last_seen_at=NOON,
        level="aal1",
    )
    return replace(base, **parts)


def sessions(page: Page, served: Serving) -> None:
    served.company.elsewhere = (
        elsewhere(1),
        elsewhere(2, kind=SessionKind.COMMAND_LINE, user_agent="assay/0.1", level="aal3", apps=()),
    )
    home(page, served)
    page.get_by_role("link", name="Sessions").click()


def sessions_alone(page: Page, served: Serving) -> None:
    served.company.elsewhere = ()
    home(page, served)
    page.goto(f"{served.url}/sessions")


def reported(page: Page, served: Serving) -> None:
    sessions(page, served)
    page.get_by_role("button", name="This was not me").first.click()
    expect(page.get_by_text("The session has ended")).to_be_visible()


def devices(page: Page, served: Serving) -> None:
    one = OwnDevice(id="d1", here=True, user_agent=CHROME, first_used_at=NOON, last_used_at=NOON)
    served.company.devices = (one, replace(one, id="d2", here=False, user_agent=FIREFOX))
    home(page, served)
    page.get_by_role("link", name="Devices").click()


def no_devices(page: Page, served: Serving) -> None:
    served.company.devices = ()
    home(page, served)
    page.goto(f"{served.url}/devices")


def sign_ins(page: Page, served: Serving) -> None:
    row = OwnSignIn(
        at=NOON,
        result=SignInOutcome.ALLOW,
        reason=None,
        app="Quarterly planning notebooks",
        address="198.51.100.7",
        user_agent=CHROME,
    )
    address = "2001:db8:7:1:9c1f:33ff:fe21:4a10"
    served.company.log = (
        row,
        replace(
            row,
            result=SignInOutcome.STEP_UP,
            reason=Reason.of("mfaRequired", policies="Two factors for the wiki"),
            app="Wiki",
            short_code="K7QM2XRD",
        ),
        replace(
            row,
            result=SignInOutcome.FAILED,
            reason=Reason.of("passwordWrong", more="17"),
            app="",
            more=17,
            address=address,
            user_agent="",
        ),
        replace(row, result=SignInOutcome.THROTTLED, reason=Reason.of("tooManyAttempts"), app="", user_agent=FIREFOX),
        replace(
            row,
            result=SignInOutcome.BLOCK,
            reason=Reason.of("blockedByPolicy", name="Only from the office"),
            app="Vault",
            short_code="ZZ11AA22",
        ),
    )
    home(page, served)
    page.get_by_role("link", name="Sign-ins").click()


def own_methods(page: Page, served: Serving) -> None:
    ada = served.company.people["ada"]
    ada.passkeys = {b"k1": ("My laptop", b""), b"k2": ("A key with quite a long name, kept at home in the desk", b"")}
    home(page, served)
    page.get_by_role("link", name="Methods").click()
    ada.passkeys = {}


def home_with_offer(page: Page, served: Serving) -> None:
    served.company.offers_passkeys = True
    home(page, served)
    expect(page.get_by_role("button", name="Not now")).to_be_visible()
    served.company.offers_passkeys = False


def offer(page: Page, served: Serving) -> None:
    sign_in(page, served, f"{served.app('offer')}/")


def throttled(page: Page, served: Serving) -> None:
    served.company.throttled = 240
    sign_in(page, served, f"{served.url}/sign-in")
    # The button does not wait for what it sent.
    expect(page).to_have_title(re.compile("^Error:"))
    served.company.throttled = None


VISITS: dict[str, tuple[Visit, str]] = {
    "first factor": (first_factor, "Sign in"),
    "wrong password": (wrong_password, "Error: Sign in"),
    "second factor": (second_factor, "One more step"),
    "again": (again, "Sign in again"),
    "refused": (refused, "Access to Vault refused"),
    "home": (home, "Your apps"),
    "link": (link, "Welcome"),
    "methods": (methods, "Error: Your sign-in methods"),
    "authenticator app": (authenticator_app, "Set up an authenticator app"),
    "recovery codes": (recovery_codes, "Your recovery codes"),
    "nothing here": (nothing_here, "Nothing here"),
    "dead link": (dead_link, "This link does not work"),
    "signed out": (signed_out, "Signed out"),
    "told of a reset": (told_of_a_reset, "Your apps"),
    "told that it is done": (told_that_it_is_done, "Your apps"),
    "device code": (device_code, "Let a command line in"),
    "device code, error": (device_code_error, "Error: Let a command line in"),
    "device, confirm": (device_confirm, "Let this command line in?"),
    "device, answered": (device_answered, "The command line is let in"),
    "help-desk": (help_desk, "Help-desk"),
    "help-desk, asked": (help_desk_asked, "Help-desk"),
    "help-desk, error": (help_desk_error, "Error: Help-desk"),
    "reset link": (reset_link, "One-time link"),
    "renewed": (renewed, "Your new sign-in methods are in"),
    "throttled": (throttled, "Error: Sign in"),
    "home with offer": (home_with_offer, "Your apps"),
    "own methods": (own_methods, "Your sign-in methods"),
    "sessions": (sessions, "Your sessions"),
    "sessions, alone": (sessions_alone, "Your sessions"),
    "sessions, reported": (reported, "Your sessions"),
    "devices": (devices, "Your devices"),
    "devices, none": (no_devices, "Your devices"),
    "sign ins": (sign_ins, "Your sign-ins"),
    "offer": (offer, "Sign in without a password next time"),
}

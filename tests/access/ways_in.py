"""Every way to a session or into an app: each is prepared before something happens, and tried after it."""

from base64 import b32decode
from collections.abc import Awaitable, Callable

from assay.access.admission import TokenSession
from assay.access.command_lines import Begun
from assay.access.exchange import Allow, CheckRequest, Connection, Redirect
from assay.access.steps import ChooseMethods, ConfirmTotp, DeviceAnswered, Enter, Outcome, PasskeyChallenge
from assay.access.visitor import Destination
from assay.apps import App
from tests.access.house import BY, PASSWORD, House, Person
from tests.identities.authenticator import Authenticator

WHY = "lost the phone; known by sight"
NEW_PASSWORD = "another quiet harbour, with nine lamps"

# Whether the wiki opens in the end.
Attempt = Callable[[], Awaitable[bool]]


class Victim:
    """Somebody with every method, assigned to the wiki, and one way in that was prepared."""

    def __init__(self, house: House, person: Person, wiki: App, key: Authenticator) -> None:
        self.house, self.person, self.wiki, self.key = house, person, wiki, key
        self.name = person.user_name

    def browser(self) -> Person:
        """Another browser, in which nobody has signed in yet, of somebody who knows all secrets."""
        found = Person(self.house, self.name)
        found.totp_secret, found.recovery_codes = self.person.totp_secret, self.person.recovery_codes
        return found

    async def opens(self, browser: Person) -> bool:
        answer = await browser.ask(self.wiki)
        if isinstance(answer, Redirect) and "/continue?" in answer.location:
            step = await browser.follow(answer)
            if not isinstance(step, Enter) or "ticket=" not in step.location:
                return False
            await browser.enter(self.wiki, step)
            answer = await browser.ask(self.wiki)
        return isinstance(answer, Allow)

    async def with_passkey(self, browser: Person) -> Outcome:
        asked = await self.house.sign_in.passkey_options(browser.visitor)
        assert isinstance(asked, PasskeyChallenge)
        answer = self.key.sign_in(asked.options_json)
        return browser.keep(await self.house.sign_in.with_passkey(browser.visitor, Destination(), asked.handle, answer))


async def victim(house: House, name: str, wiki: App) -> Victim:
    """Enrolled with password, authenticator app, recovery codes and a passkey; signed out."""
    person = await house.person(name)
    await house.apps.assign(BY, "wiki", user=name)
    key = Authenticator(origin=house.addresses.id_origin, rp_id=house.addresses.id_host)
    await person.sign_in()
    asked = await house.enrol.passkey_options(person.visitor)
    assert isinstance(asked, PasskeyChallenge)
    await house.enrol.add_passkey(person.visitor, asked.handle, key.register(asked.options_json), "Key")
    person.keep(await house.sign_in.sign_out(person.visitor))
    return Victim(house, person, wiki, key)


async def password(of: Victim) -> Attempt:
    async def attempt() -> bool:
        browser = of.browser()
        await browser.password()
        return await of.opens(browser)

    return attempt


async def password_and_code(of: Victim) -> Attempt:
    async def attempt() -> bool:
        browser = of.browser()
        await browser.password()
        await browser.totp()
        return await of.opens(browser)

    return attempt


async def password_and_recovery_code(of: Victim) -> Attempt:
    async def attempt() -> bool:
        browser = of.browser()
        await browser.password()
        browser.keep(
            await of.house.sign_in.with_recovery_code(browser.visitor, Destination(), browser.recovery_codes[0])
        )
        return await of.opens(browser)

    return attempt


async def passkey(of: Victim) -> Attempt:
    async def attempt() -> bool:
        browser = of.browser()
        await of.with_passkey(browser)
        return await of.opens(browser)

    return attempt


async def enrolment_link(of: Victim) -> Attempt:
    welcome = await of.house.people.enrol(BY, of.name, recover=True)
    code = welcome.link.url.rpartition("/")[2]  # type: ignore[union-attr]  # nobody is disabled yet

    async def attempt() -> bool:
        browser = of.browser()
        browser.keep(await of.house.enrol.use(browser.visitor, code))
        return await of.opens(browser)

    return attempt


async def reset_link(of: Victim) -> Attempt:
    asked = await of.house.resets.request(BY, of.name, WHY)
    reset = asked.reset.id  # type: ignore[union-attr]  # nobody is disabled yet
    await of.house.resets.approve(BY, reset, override="alone here")
    of.house.clock.advance(hours=5)
    made = await of.house.resets.hand_out(BY, reset)
    code = made.link.url.rpartition("/")[2]  # type: ignore[union-attr]

    async def attempt() -> bool:
        browser = of.browser()
        if not isinstance(browser.keep(await of.house.enrol.use(browser.visitor, code)).step, ChooseMethods):
            return await of.opens(browser)
        new = Authenticator(origin=of.house.addresses.id_origin, rp_id=of.house.addresses.id_host)
        asked = await of.house.enrol.passkey_options(browser.visitor)
        if not isinstance(asked, PasskeyChallenge):
            return await of.opens(browser)
        answer = new.register(asked.options_json)
        browser.keep(await of.house.enrol.add_passkey(browser.visitor, asked.handle, answer, "New"))
        of.key = new
        await of.with_passkey(browser)
        return await of.opens(browser)

    return attempt


async def ticket(of: Victim) -> Attempt:
    browser = of.browser()
    await of.with_passkey(browser)
    away = await browser.ask(of.wiki)
    assert isinstance(away, Redirect)
    step = await browser.follow(away)
    assert isinstance(step, Enter)
    one = step.location.partition("ticket=")[2]

    async def attempt() -> bool:
        host = of.house.host(of.wiki)
        found = await of.house.tickets.redeem(host, one, browser.state, browser.visitor)
        if not isinstance(found, Redirect):
            return False
        browser.app_cookies["wiki"] = found.set_cookies[0].partition("=")[2].partition(";")[0]
        return isinstance(await browser.ask(of.wiki), Allow)

    return attempt


async def cookie_of_the_app(of: Victim) -> Attempt:
    browser = of.browser()
    await of.with_passkey(browser)
    assert await of.opens(browser)

    async def attempt() -> bool:
        return isinstance(await browser.ask(of.wiki), Allow)

    return attempt


async def cookie_of_id(of: Victim) -> Attempt:
    browser = of.browser()
    await of.with_passkey(browser)

    async def attempt() -> bool:
        return await of.opens(browser)

    return attempt


async def at_api(of: Victim, token: str) -> bool:
    """Whether this token opens the API."""
    asked = CheckRequest(
        connection=Connection(peer_ip="192.0.2.10", peer_port=50_000, number=1),
        method="GET",
        host="api.assay.localhost",
        path="/v1.0/assay/me",
        authorization=f"Bearer {token}",
    )
    return isinstance(await of.house.ask(asked), Allow)


async def confirmed(of: Victim) -> str:
    """The secret of a command line that somebody who administers has let in, and that has not asked since."""
    await of.house.roles.assign(BY, "Reports Reader", user=of.name)
    browser = of.browser()
    await of.with_passkey(browser)
    begun = await of.house.command_lines.begin(browser.visitor, "test")
    assert isinstance(begun, Begun)
    answered = await of.house.command_lines.answer(browser.visitor, begun.user_code, allow=True)
    assert answered.step == DeviceAnswered(user_name=of.name, allowed=True)
    return begun.device_code


async def command_line(of: Victim) -> Attempt:
    secret = await confirmed(of)

    async def attempt() -> bool:
        given = await of.house.command_lines.poll(of.person.visitor, secret)
        return isinstance(given, TokenSession) and await at_api(of, given.token)

    return attempt


async def command_line_token(of: Victim) -> Attempt:
    given = await of.house.command_lines.poll(of.person.visitor, await confirmed(of))
    assert isinstance(given, TokenSession)
    assert await at_api(of, given.token)

    async def attempt() -> bool:
        return await at_api(of, given.token)

    return attempt


async def rise(of: Victim) -> Attempt:
    browser = of.browser()
    await of.with_passkey(browser)

    async def attempt() -> bool:
        await browser.totp()
        return await of.opens(browser)

    return attempt


async def methods_page(of: Victim) -> Attempt:
    """A session that was there registers another authenticator app, and signs in with it."""
    browser = of.browser()
    await of.with_passkey(browser)

    async def attempt() -> bool:
        shown = (await of.house.enrol.begin_totp(browser.visitor)).step
        if isinstance(shown, ConfirmTotp):
            browser.totp_secret = b32decode(shown.secret.replace(" ", ""))
            of.house.clock.advance(seconds=60)
            browser.keep(await of.house.enrol.confirm_totp(browser.visitor, browser.code()))
        other = of.browser()
        other.totp_secret = browser.totp_secret
        of.house.clock.advance(seconds=60)
        await other.password(PASSWORD)
        await other.totp()
        return await of.opens(other)

    return attempt


async def start_of_the_service(of: Victim) -> Attempt:
    """A service that is started on this store meets the sessions that are in it."""
    browser = of.browser()
    await of.with_passkey(browser)
    assert await of.opens(browser)

    async def attempt() -> bool:
        begun = House(of.house.store, of.house.clock)
        begun.keyring = of.house.keyring
        await begun.start()
        browser.house = begun
        try:
            return isinstance(await browser.ask(of.wiki), Allow)
        finally:
            begun.hashing.close()

    return attempt


WAYS: dict[str, Callable[[Victim], Awaitable[Attempt]]] = {
    "password": password,
    "password, code": password_and_code,
    "password, recovery code": password_and_recovery_code,
    "passkey": passkey,
    "enrolment link": enrolment_link,
    "reset link": reset_link,
    "ticket": ticket,
    "cookie of the app": cookie_of_the_app,
    "cookie of id.": cookie_of_id,
    "rise": rise,
    "methods page": methods_page,
    "start of the service": start_of_the_service,
    "command line": command_line,
    "command line token": command_line_token,
}

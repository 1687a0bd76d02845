"""While a full disk leaves only what was set aside: what takes access away is done, and nothing else is."""

import pytest

from assay.access.app_credentials import AppCredentials
from assay.access.attempt import NotDone
from assay.access.end_command_lines import end_without_role
from assay.access.groups import Groups
from assay.access.methods import Methods
from assay.access.own_steps import DevicesPage, SessionsPage
from assay.access.steps import ChooseMethods
from assay.apps.credentials import DEFAULT_LIFETIME
from assay.store import StoreFullError
from assay.values import Reason
from tests.access.house import BY, House
from tests.access.test_command_lines import CLI, logged_in
from tests.access.test_own_pages import add_key, devices, elsewhere, sessions
from tests.access.test_resets import WHY


async def test_what_takes_access_away_is_done_on_a_full_disk(house: House) -> None:
    await house.app("wiki")
    credentials, groups, methods = AppCredentials(house.premises), Groups(house.premises), Methods(house.premises)
    await credentials.add(BY, "wiki", name="ci")
    await groups.add(BY, name="Writers")
    ada, ben, mia = await house.person("ada"), await house.person("ben"), await house.person("mia")
    await house.roles.assign(BY, "Reports Reader", user="mia")
    first, second = elsewhere(ada), elsewhere(ada)
    for person in (ben, mia, first, second, ada):
        await person.sign_in()
    await add_key(house, ada)
    token, lost = await logged_in(house, mia), await logged_in(house, mia)
    resets = [await house.resets.request(BY, name, WHY) for name in ("ada", "ben")]
    assert not any(isinstance(reset, NotDone) for reset in resets)

    assert house.store.reserve.keep()
    assert house.store.reserve.spend()
    with pytest.raises(StoreFullError):
        await house.people.add(BY, user_name="new")

    reported = (await house.own_sessions.report(ada.visitor, await first.session_id())).step
    assert isinstance(reported, SessionsPage)
    assert reported.reported
    ended = (await house.own_sessions.end_others(ada.visitor)).step
    assert isinstance(ended, SessionsPage)
    assert ended.done == Reason.of("sessionsEnded", count="1")
    assert [each.here for each in (await sessions(ada)).sessions] == [True]

    theirs = next(device.id for device in (await devices(ada)).devices if not device.here)
    forgotten = (await house.own_devices.forget(ada.visitor, theirs)).step
    assert isinstance(forgotten, DevicesPage)
    assert forgotten.done == Reason.of("deviceForgotten")

    for reset, name in zip(resets, ("ada", "ben"), strict=True):
        assert not isinstance(reset, NotDone)
        if name == "ada":
            await house.own_resets.cancel(ada.visitor)
        else:
            assert not isinstance(await house.resets.cancel(BY, reset.reset.id), NotDone)
    assert await house.resets.open(BY) == ()

    chosen = (await house.enrol.remove(ada.visitor, "password")).step
    assert isinstance(chosen, ChooseMethods)
    assert (chosen.error, chosen.password) == (None, None)
    taken = await methods.remove(BY, "ben", "totp")
    assert not isinstance(taken, NotDone)

    await house.command_lines.revoke(CLI, token.token)
    await house.roles.remove(BY, "Reports Reader", user="mia")
    assert await end_without_role(house.premises, house.signals) == (lost.session.id,)
    new, _ = await credentials.rotate(BY, "wiki", "ci", lifetime=DEFAULT_LIFETIME)
    assert new.credential.name == "ci"
    assert not isinstance(await groups.remove(BY, "Writers"), NotDone)

    with pytest.raises(StoreFullError):
        await house.people.add(BY, user_name="new")
    assert house.store.reserve.keep()
    await house.people.add(BY, user_name="new")

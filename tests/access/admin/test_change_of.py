"""Who may change whom is asked where it is changed, by the roles of that moment."""

from datetime import timedelta

from assay.access.api_tokens import ApiTokens
from assay.access.attempt import By, NotDone
from assay.access.revoke_sessions import Sessions
from assay.events import Actor
from assay.values import CredentialId, Reason
from tests.access.house import BY, House

REFUSED = NotDone(reason=Reason.of("subjectPrivileged"))


async def test_who_holds_more_is_changed_by_a_global_administrator_alone(house: House) -> None:
    """The caller was let in as a user administrator; the other was promoted before the change was made."""
    mia = await house.person("mia")
    for name in ("desk", "ada"):
        await house.people.add(BY, user_name=name)
    await house.roles.assign(BY, "Global Administrator", user="ada")
    await house.roles.assign(BY, "User Administrator", user="desk")
    by = By(actor=Actor.person((await house.people.show("desk")).user.id, "desk"))
    sessions = Sessions(house.premises)
    assert not isinstance(await house.people.edit(by, "mia", display_name="Mia"), NotDone)
    await mia.sign_in()
    mine = await mia.session_id()
    await house.roles.assign(BY, "Security Administrator", user="mia")
    for refused in (
        await house.people.edit(by, "mia", display_name="Somebody"),
        await house.people.disable(by, "mia"),
        await house.people.enable(by, "mia"),
        await sessions.revoke(by, user="mia"),
        await sessions.revoke(by, session=mine),
    ):
        assert refused == REFUSED
    assert (await house.people.show("mia")).user.enabled
    assert await mia.session_id() == mine
    owner = By(actor=Actor.person((await house.people.show("ada")).user.id, "ada"))
    assert not isinstance(await sessions.revoke(owner, session=mine), NotDone)
    # Whoever lost the role meanwhile is nobody special any more, and an account that was switched off holds nothing.
    await house.roles.assign(BY, "Global Administrator", user="desk")
    assert not isinstance(await house.people.disable(owner, "mia"), NotDone)
    await house.people.disable(BY, "ada")
    assert await house.people.enable(owner, "mia") == REFUSED
    assert not isinstance(await house.people.enable(BY, "mia"), NotDone)


async def test_a_token_is_held_to_its_role_and_to_its_life(house: House) -> None:
    await house.people.add(BY, user_name="mia")
    await house.roles.assign(BY, "Global Administrator", user="mia")
    tokens = ApiTokens(house.premises)
    made = await tokens.add(BY, name="desk", role="User Administrator", lifetime=timedelta(days=1))
    by = By(actor=Actor.program(CredentialId(made.credential.id), "desk"))
    assert await house.people.disable(by, "mia") == REFUSED

"""Origins, public paths and credentials as administrators change them: on both databases, with what the log says."""

from datetime import timedelta

import pytest

from assay.access.app_credentials import AppCredentials
from assay.access.public_paths import PublicPaths
from assay.apps.credentials import KEEP_DEAD, secret_hash
from assay.apps.records import credentials
from assay.governance.records import public_paths
from assay.server.housekeeping import Housekeeping
from assay.values import ConflictError, InvalidInputError, NotFoundError
from tests.access.admin.conftest import Record
from tests.access.house import BY, House


async def test_origins_are_allowed_and_taken_away(house: House, record: Record) -> None:
    await house.app("wiki")
    allowed = await house.apps.edit(BY, "wiki", allow=["https://Other.example/", "https://third.example"])
    assert allowed.app.allowed_origins == ("https://other.example", "https://third.example")
    kept = await house.apps.edit(BY, "wiki", display_name="Wiki", disallow=["https://other.example"])
    assert kept.app.allowed_origins == ("https://third.example",)
    assert (await house.apps.show("wiki")).app == house.signals.apps[kept.app.id]
    for wrong, error in ((["*"], InvalidInputError), (["http://x.example"], InvalidInputError)):
        with pytest.raises(error):
            await house.apps.edit(BY, "wiki", allow=wrong)
    with pytest.raises(NotFoundError):
        await house.apps.edit(BY, "wiki", disallow=["https://other.example"])
    with pytest.raises(InvalidInputError):
        await house.apps.edit(BY, "wiki", allow=[f"https://{number}.example" for number in range(40)])
    newest = (await record.of("app.changed"))[0]
    assert b"third.example" in bytes(newest.unmapped.after)


async def test_a_public_path_is_named_versioned_and_logged(house: House, record: Record) -> None:
    flow = PublicPaths(house.premises)
    wiki = await house.app("wiki")
    first = await flow.add(BY, "wiki", "/assets/", name="Assets", reason="the logo", lifetime=timedelta(days=7))
    assert (first.version, first.methods, first.modified_by) == (1, ("GET", "HEAD"), "root")
    assert first.expires_at == house.clock.now() + timedelta(days=7)
    second = await flow.edit(BY, "wiki", "assets", reason="a form", methods=("post", "get"))
    assert (second.id, second.version, second.methods) == (first.id, 2, ("GET", "POST"))
    assert second.expires_at == first.expires_at
    assert await flow.every("wiki") == (second,)
    assert house.signals.app_access.public_paths == {wiki.id: (second,)}
    await flow.remove(BY, "wiki", first.id)
    assert house.signals.app_access.public_paths == {}
    assert await house.store.read(lambda reader: public_paths.versions(reader, first.id)) == (first, second, None)
    for code in ("public-path.added", "public-path.changed", "public-path.removed"):
        (event,) = await record.of(code)
        assert event.entity is not None
        assert (event.entity.uid, event.entity.name, event.entity.type) == (first.id, "Assets", "publicPath")
    again = await flow.add(BY, "wiki", "/assets/", name="assets", reason="again")
    assert (again.version, again.id == first.id) == (1, False)


async def test_a_public_path_is_refused_where_it_would_say_more_than_it_seems(house: House) -> None:
    flow = PublicPaths(house.premises)
    await house.app("wiki")
    for path in ("/.assay/", "/a/../b", "/a*", "a", ""):
        with pytest.raises(InvalidInputError):
            await flow.add(BY, "wiki", path, name="x", reason="y")
    for wrong in (
        {"name": "", "reason": "y"},
        {"name": "x", "reason": " "},
        {"name": "x", "reason": "y\x1b[2J"},
        {"name": "x", "reason": "y", "methods": ("TRACE",)},
        {"name": "x", "reason": "y", "methods": ("MOVE",)},
        {"name": "x", "reason": "y", "lifetime": timedelta(0)},
    ):
        with pytest.raises(InvalidInputError):
            await flow.add(BY, "wiki", "/a", **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        await flow.add(BY, "nothing", "/a", name="x", reason="y")
    await flow.add(BY, "wiki", "/a", name="x", reason="y")
    with pytest.raises(ConflictError):
        await flow.add(BY, "wiki", "/b", name="X", reason="y")


async def test_a_credential_is_kept_as_a_hash_and_never_shown_again(house: House, record: Record) -> None:
    flow = AppCredentials(house.premises)
    wiki = await house.app("wiki")
    made = await flow.add(BY, "wiki", name="ci", methods=("get",), paths=("/api/",), lifetime=timedelta(days=1))
    (seen,) = await flow.every("wiki")
    assert seen.credential == made.credential
    assert (seen.credential.restrictions.methods, seen.credential.restrictions.paths) == (("GET",), ("/api/",))
    stored = await house.store.read(credentials.every)
    assert stored == {secret_hash(made.secret): made.credential}
    (event,) = await record.of("credential.added")
    assert made.secret.encode() not in bytes(event.unmapped.after)
    assert secret_hash(made.secret).hex().encode() not in bytes(event.unmapped.after)
    with pytest.raises(ConflictError):
        await flow.add(BY, "wiki", name="ci")
    new, _ = await flow.rotate(BY, "wiki", "ci", lifetime=timedelta(days=2))
    assert new.secret != made.secret
    assert new.credential.restrictions == made.credential.restrictions
    assert new.credential.expires_at == house.clock.now() + timedelta(days=2)
    revoked = await flow.revoke(BY, "wiki", new.credential.id)
    assert revoked.credential.revoked_at == house.clock.now()
    with pytest.raises(NotFoundError):
        await flow.revoke(BY, "wiki", "ci")
    assert len(await record.of("credential.revoked")) == 2
    assert {found.app_id for found in house.signals.app_access.by_id.values()} == {wiki.id}


async def test_a_credential_is_refused_where_it_would_do_more_than_it_seems(house: House) -> None:
    flow = AppCredentials(house.premises)
    await house.app("wiki")
    for wrong in (
        {"name": " "},
        {"name": "x", "lifetime": timedelta(days=400)},
        {"name": "x", "lifetime": timedelta(0)},
        {"name": "x", "methods": ("TRACE",)},
        {"name": "x", "paths": ("/a/*",)},
    ):
        with pytest.raises(InvalidInputError):
            await flow.add(BY, "wiki", **wrong)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        await flow.add(BY, "wiki", name="x", location_names=("Nowhere",))


async def test_the_last_use_is_kept_and_the_dead_are_forgotten_in_time(house: House) -> None:
    flow = AppCredentials(house.premises)
    await house.app("wiki")
    made = await flow.add(BY, "wiki", name="ci", lifetime=timedelta(days=1))
    used = house.clock.now()
    await house.store.write(lambda transaction: credentials.used(transaction, {made.credential.id: used}))
    (seen,) = await flow.every("wiki")
    assert seen.credential.last_used_at == used
    housekeeping = Housekeeping(house.premises, house.sessions, house.check.programs)
    house.clock.advance(days=KEEP_DEAD.days)
    await housekeeping.tick()
    assert len(await flow.every("wiki")) == 1
    house.clock.advance(days=1, seconds=1)
    await housekeeping.tick()
    assert await flow.every("wiki") == ()
    assert house.signals.app_access.by_id == {}


async def test_a_removed_app_leaves_nothing_open_behind(house: House) -> None:
    await house.app("wiki")
    await PublicPaths(house.premises).add(BY, "wiki", "/", name="all", reason="a test")
    await AppCredentials(house.premises).add(BY, "wiki", name="ci")
    await house.apps.remove(BY, "wiki")
    assert house.signals.app_access.by_secret == {}
    assert house.signals.app_access.public_paths == {}
    await house.app("wiki")
    assert await PublicPaths(house.premises).every("wiki") == ()
    assert await AppCredentials(house.premises).every("wiki") == ()

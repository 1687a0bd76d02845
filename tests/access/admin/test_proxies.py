"""Foreign proxies: each is believed on the apps behind it, by a secret that only its hash is kept of."""

import pytest

from assay.access.exchange import CheckRequest, Connection, Refuse
from assay.access.proxies import Proxies
from assay.apps.credentials import SECRET, secret_hash
from assay.apps.reachability import Reach
from assay.values import ConflictError, InvalidInputError, NotFoundError, ProxyId
from tests.access.admin.conftest import Record
from tests.access.house import BY, CHROME, House


def asked(host: str) -> CheckRequest:
    return CheckRequest(
        connection=Connection(peer_ip="192.0.2.10", peer_port=0, number=0),
        method="GET",
        host=host,
        path="/",
        user_agent=CHROME,
    )


async def test_each_asks_about_the_apps_behind_it_and_about_no_other(house: House) -> None:
    proxies = Proxies(house.premises)
    one, two = await proxies.add(BY, "nginx", kind=""), await proxies.add(BY, "edge", kind="traefik")
    app = (await house.apps.protect(BY, "", name="wiki", proxy="nginx")).app
    ours = await house.app("files")

    def of(proxy: ProxyId | None, host: str) -> int:
        answer = house.check.decide(asked(host), proxy)
        assert isinstance(answer, Refuse), answer
        return answer.status

    assert of(one.proxy.id, house.host(app)) == 401
    for proxy in (two.proxy.id, None):
        assert of(proxy, house.host(app)) == 421
    assert of(one.proxy.id, house.host(ours)) == 421
    assert of(None, house.host(ours)) == 401


async def test_a_secret_is_kept_as_a_hash_and_dies_with_a_rotation(house: House, record: Record) -> None:
    proxies = Proxies(house.premises)
    new = await proxies.add(BY, "caddy", kind="")
    assert SECRET.fullmatch(new.secret)
    assert house.signals.app_access.proxies == {secret_hash(new.secret): new.proxy}
    rotated = await proxies.rotate(BY, "Caddy")
    assert rotated.secret != new.secret
    assert house.signals.app_access.proxies == {secret_hash(rotated.secret): rotated.proxy}
    await proxies.remove(BY, "caddy")
    assert house.signals.app_access.proxies == {}
    for code in ("proxy.added", "proxy.rotated", "proxy.removed"):
        (event,) = await record.of(code)
        assert event.entity is not None
        assert (event.entity.uid, event.entity.name, event.entity.type) == (new.proxy.id, "caddy", "proxy")
        for secret in (new.secret, rotated.secret):
            assert secret_hash(secret).hex() not in str(event)
            assert secret not in str(event)


async def test_what_cannot_be_meant_is_refused(house: House) -> None:
    proxies = Proxies(house.premises)
    await proxies.add(BY, "nginx", kind="")
    with pytest.raises(ConflictError):
        await proxies.add(BY, "nginx", kind="caddy")
    for name, kind in (("edge", ""), ("edge", "apache"), ("no name", "nginx"), ("", "nginx")):
        with pytest.raises(InvalidInputError):
            await proxies.add(BY, name, kind=kind)
    with pytest.raises(NotFoundError):
        await proxies.rotate(BY, "edge")
    with pytest.raises(NotFoundError):
        await house.apps.protect(BY, "", name="wiki", proxy="edge")
    with pytest.raises(InvalidInputError):
        await house.apps.protect(BY, "http://127.0.0.1:3000", name="wiki", proxy="nginx")
    seen = await house.apps.protect(BY, "", name="wiki", proxy="nginx")
    assert (seen.reach, seen.app.upstream, seen.proxy and seen.proxy.name) == (Reach.BEHIND_PROXY, None, "nginx")
    with pytest.raises(ConflictError, match="wiki"):
        await proxies.remove(BY, "nginx")
    with pytest.raises(InvalidInputError):
        await house.apps.edit(BY, "wiki", upstream="http://127.0.0.1:3000")
    with pytest.raises(InvalidInputError):
        await house.apps.edit(BY, "wiki", allow=["https://other.example"])
    assert (await house.apps.edit(BY, "wiki", display_name="Our wiki")).app.display_name == "Our wiki"
    assert [(each.proxy.name, each.apps) for each in await proxies.every()] == [("nginx", ("wiki",))]
    await house.apps.remove(BY, "wiki")
    await proxies.remove(BY, "nginx")

"""/v1/proxies: proxies that are not ours and ask before each request."""

from typing import Final

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.proxies import NewProxy, Proxies, SeenProxy
from assay.api.shapes.proxies import IssuedProxy, NewProxyShape, ProxyList, ProxyShape, RemovedProxy


@get("/proxies")
async def list_proxies(proxies: NamedDependency[Proxies]) -> ProxyList:
    """Every proxy, without its secret."""
    return ProxyList(value=tuple(map(_proxy, await proxies.every())))


@post("/proxies", status_code=201)
async def add_proxy(
    data: JSONBody[NewProxyShape], proxies: NamedDependency[Proxies], by: NamedDependency[By]
) -> IssuedProxy:
    """A proxy to believe on the apps behind it; its secret is in this answer and nowhere else."""
    return _issued(await proxies.add(by, data.name, kind=data.kind))


@post("/proxies/{name:str}/rotate", status_code=200)
async def rotate_proxy(name: FromPath[str], proxies: NamedDependency[Proxies], by: NamedDependency[By]) -> IssuedProxy:
    """A new secret; the old one is dead at once."""
    return _issued(await proxies.rotate(by, name))


@delete("/proxies/{name:str}", status_code=200)
async def remove_proxy(name: FromPath[str], proxies: NamedDependency[Proxies], by: NamedDependency[By]) -> RemovedProxy:
    """Believe a proxy no more."""
    gone = await proxies.remove(by, name)
    return RemovedProxy(id=gone.id, name=gone.name)


ROUTES: Final = (list_proxies, add_proxy, rotate_proxy, remove_proxy)


def _issued(new: NewProxy) -> IssuedProxy:
    return IssuedProxy(id=new.proxy.id, name=new.proxy.name, kind=new.proxy.kind.value, secret=new.secret)


def _proxy(seen: SeenProxy) -> ProxyShape:
    found = seen.proxy
    return ProxyShape(
        id=found.id,
        name=found.name,
        kind=found.kind.value,
        apps=seen.apps,
        created_date_time=found.created_at,
        rotated_date_time=found.rotated_at,
    )

"""What foreign proxies talk to: the question before each request, and our own pages on the hosts of their apps.

Nobody is believed anything without a secret of ours, on a unix socket either: whatever else may connect there would
choose who it is judged as. What is let through cannot be cut by us, because it is open in another program.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from typing import Any, Final

from assay.access.check import Check
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Refuse
from assay.access.premises import Addresses
from assay.access.refusals_in_words import in_words, refusal
from assay.access.request_rules import AppRules, refuse_allowed, refuse_request
from assay.access.signals import Signals
from assay.apps.credentials import SECRET, secret_hash
from assay.apps.proxies import Proxy, ProxyKind
from assay.protocols.forward_auth.answers import NOT_ALLOWED, Answer, answered, whole_answer
from assay.protocols.forward_auth.dialects import ENVOY_PREFIX, PROXY_HEADER, read_client, read_question
from assay.protocols.forward_auth.strangers import SaidStrangers
from assay.values import Reason

_LOG = logging.getLogger("assay.forward_auth")
CHECK: Final = "/check"
ANSWER: Final = "/answer"
PAGES: Final = "/.assay/"
# What the pages are told of the connection by, in place of whatever came (pages/arrival.py).
_CONNECTION: Final = b"assay-connection"
_STRICT: Final = AppRules()
_HEADERS_LIMIT: Final = 96 * 1024
# For answers to what is no question.
_NOBODY: Final = CheckRequest(connection=Connection(peer_ip="", peer_port=0, number=0), method="", host="", path="")

Scope = MutableMapping[str, Any]  # ASGI 3 types it so
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


class ForwardAuth:
    """An ASGI application; `pages` serves what is below `/.assay/`."""

    def __init__(self, check: Check, *, signals: Signals, addresses: Addresses, pages: AsgiApp) -> None:
        self._check = check
        self._signals = signals
        self._addresses = addresses
        self._pages = pages
        self._said = SaidStrangers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"a {scope['type']} reached forward auth")
        headers = _by_name(scope["headers"])
        proxy = self._proxy(headers.get(PROXY_HEADER, []))
        target = _target(scope)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _HEADERS_LIMIT:
            await _send(send, Answer(status=431))
        elif proxy is None:
            self._say_stranger(scope)
            await _send(send, answered(ProxyKind.NGINX, _NOBODY, refusal(Reason.of("proxy_unknown"))))
        elif target.startswith(PAGES):
            await self._page(proxy, scope, receive, send, headers)
        else:
            await _send(send, await self._answer(proxy, scope["method"], target, headers))

    def _say_stranger(self, scope: Scope) -> None:
        client = scope.get("client")
        words = self._said.words(client[0] if client else "", time.monotonic())
        if words is not None:
            _LOG.warning("%s: the secret in %s is none", words, PROXY_HEADER)

    def _proxy(self, secrets: list[str]) -> Proxy | None:
        if len(secrets) != 1 or not SECRET.fullmatch(secrets[0]):
            return None
        return self._signals.app_access.proxies.get(secret_hash(secrets[0]))

    async def _answer(self, proxy: Proxy, method: str, target: str, headers: dict[str, list[str]]) -> Answer:
        asks_by_path = proxy.kind is ProxyKind.ENVOY
        # Caddy puts the query of the request behind the path of its question.
        place = target.partition("?")[0]
        if not (place.startswith(f"{ENVOY_PREFIX}/") if asks_by_path else place in (CHECK, ANSWER)):
            return answered(proxy.kind, _NOBODY, refusal(Reason.of("path_reserved")))
        request: CheckRequest = _NOBODY
        try:
            found = read_question(proxy.kind, method, target, headers)
            if isinstance(found, Reason):
                answer: CheckAnswer = refusal(found)
            else:
                request = found
                answer = await self._judged(proxy, request)
        except Exception:  # noqa: BLE001 - an error in the decision path denies, whatever it is
            _LOG.exception("a proxy's question failed and was refused")
            answer = refusal(Reason.of("check_failed"))
        if isinstance(answer, Refuse):
            answer = in_words(request, answer)
        if proxy.kind is not ProxyKind.NGINX:
            return answered(proxy.kind, request, answer)
        if place == ANSWER:
            return whole_answer(proxy.kind, request, answer)
        return answered(proxy.kind, request, answer) if isinstance(answer, Allow) else NOT_ALLOWED

    async def _judged(self, proxy: Proxy, request: CheckRequest) -> CheckAnswer:
        """The gateway's own rules, then the decision, then what even that may not let through."""
        authority = self._addresses.origin(request.host).removeprefix("https://")
        refused = refuse_request(request, authority=authority, rules=_STRICT)
        if refused is not None:
            return refusal(refused)
        decided = self._check.decide(request, proxy.id)
        answer = await decided if isinstance(decided, Coroutine) else decided
        refused = refuse_allowed(request, answer) if isinstance(answer, Allow) else None
        return answer if refused is None else refusal(refused)

    async def _page(
        self, proxy: Proxy, scope: Scope, receive: Receive, send: Send, headers: dict[str, list[str]]
    ) -> None:
        """Ticket, sign-out, keys and assets of an app's host, for the client that the proxy names."""
        client = read_client(proxy.kind, headers)
        hosts = headers.get("host", [])
        label, _, base = (hosts[0] if len(hosts) == 1 else "").lower().partition(":")[0].partition(".")
        app = self._signals.apps_by_name.get(label) if base == self._addresses.base else None
        if isinstance(client, Reason):
            await _send(send, answered(proxy.kind, _NOBODY, refusal(client)))
        elif app is None or app.proxy_id != proxy.id:
            await _send(send, answered(proxy.kind, _NOBODY, refusal(Reason.of("misdirected_request"))))
        else:
            # From which port its client comes, a proxy does not say.
            facts = (_CONNECTION, f"[{client}]:0".encode())
            passed = [(name, value) for name, value in scope["headers"] if not name.startswith((b"assay-", b"x-"))]
            await self._pages({**scope, "headers": [*passed, facts], "scheme": "https"}, receive, send)


def _by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1").strip(" \t"))
    return found


def _target(scope: Scope) -> str:
    """Path and query as they were sent."""
    query: bytes = scope["query_string"]
    raw: bytes = scope["raw_path"]
    return (raw + b"?" + query if query else raw).decode("latin-1")


async def _send(send: Send, answer: Answer) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

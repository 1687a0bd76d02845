"""The Graph API and the sign-in of a command line, as commands reach them over HTTPS."""

import os
import platform
import ssl
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn
from urllib.parse import urlsplit

import httpx
import msgspec

from assay import __version__
from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, UNREACHABLE, WRONG_USE, fail
from assay.cli.login_file import TOKEN_VARIABLE, URL_VARIABLE, Login, read_login
from assay.values import InvalidInputError, Value

SECONDS: Final = 60.0
OURS: Final = frozenset({"id", "api", "console"})
USER_AGENT: Final = f"assay/{__version__} ({platform.system()})"
UNAUTHORIZED: Final = 401
BAD_REQUEST: Final = 400
LOOPBACK: Final = "127.0.0.1"


class GraphProblem(Value, frozen=True, kw_only=True):
    """What the API says went wrong."""

    code: str
    message: str


class GraphErrorBody(Value, frozen=True, kw_only=True):
    """Graph's shape of an error, as far as a command needs it."""

    error: GraphProblem


class GraphPage(Value, frozen=True, kw_only=True):
    """One page of a collection, each row as it came."""

    value: tuple[msgspec.Raw, ...]
    next_link: str = msgspec.field(default="", name="@odata.nextLink")


class LocalhostTransport(httpx.BaseTransport):
    """Names below `localhost` mean this machine (RFC 6761 §6.3), whether its resolver knows that or not.

    Name and certificate stay those of the address that was typed.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        # A pool takes connections to one address for connections to one host; names differ here.
        self._by_name: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        inner = self._by_name.setdefault(name, httpx.HTTPTransport(verify=self._context))
        if not name.endswith(".localhost"):
            return inner.handle_request(request)
        here = httpx.Request(
            request.method,
            request.url.copy_with(host=LOOPBACK),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": name},
        )
        return inner.handle_request(here)

    def close(self) -> None:
        for inner in self._by_name.values():
            inner.close()


def https(authority: str) -> httpx.Client:
    """A client that trusts what this machine trusts, and these certificates (PEM); it follows no redirect."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(cadata=authority)
    return httpx.Client(
        transport=LocalhostTransport(context), headers={"user-agent": USER_AGENT}, timeout=SECONDS, trust_env=False
    )


def place_of(text: str) -> tuple[str, int]:
    """Base domain and port of an address as typed: `example.com`, or the address of any page of it.

    Raises InvalidInputError.
    """
    remedy = "use the address of the sign-in page, such as https://id.example.com"
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no address: {error}", remedy=remedy) from error
    if parts.scheme != "https" or not host or parts.username is not None or "." not in host:
        raise InvalidInputError(f"{text!r} is no https address of an installation", remedy=remedy)
    label, _, rest = host.partition(".")
    return (rest if label in OURS else host), port


def given_login() -> Login | None:
    """From the variables for scripts, else from `assay login`; raises InvalidInputError."""
    url, token = os.environ.get(URL_VARIABLE, ""), os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        return read_login()
    kept = read_login()
    if not url:
        raise InvalidInputError(
            f"{TOKEN_VARIABLE} is set and {URL_VARIABLE} is not", remedy=f"set {URL_VARIABLE}=https://api.example.com"
        )
    base, port = place_of(url)
    authority = kept.authority if kept is not None and (kept.base, kept.port) == (base, port) else ""
    return Login(base=base, port=port, token=token, authority=authority)


class Remote:
    """The Graph API with somebody's token; every failure ends the command with its exit code."""

    def __init__(self, login: Login, *, as_json: bool) -> None:
        self.login = login
        self._as_json = as_json
        self._http = https(login.authority)

    def get(self, path: str) -> bytes:
        """What is at this path of the API, or at this address if it is the API's; raises InvalidInputError."""
        return self.send("GET", self._address(path))

    def pages(self, path: str) -> Iterator[GraphPage]:
        """Every page of a collection, following its links as long as they lead to the same place."""
        following = path
        while following:
            page = msgspec.json.decode(self.get(following), type=GraphPage)
            yield page
            following = page.next_link

    def post(self, path: str, body: Mapping[str, object] | None = None) -> bytes:
        """The answer to a change."""
        return self.send("POST", self._address(path), None if body is None else msgspec.json.encode(body))

    def send(self, method: str, url: str, content: bytes | None = None) -> bytes:
        headers = {"authorization": f"Bearer {self.login.token}", "accept": "application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        try:
            answer = self._http.request(method, url, headers=headers, content=content)
        except httpx.TransportError as error:
            unreachable(self.login.api_origin, error, as_json=self._as_json)
        if answer.status_code >= BAD_REQUEST or answer.is_redirect:
            self._fail(answer)
        return answer.content

    def _address(self, path: str) -> str:
        origin = self.login.api_origin
        if "://" in path:
            # The token goes to the API and nowhere else, whatever an answer says.
            if not path.startswith(f"{origin}/"):
                raise InvalidInputError(f"{path} is not at {origin}", remedy="give a path, such as /users")
            return path
        inside = path if path.startswith("/") else f"/{path}"
        return origin + (inside if inside.startswith("/v1.0/") else f"/v1.0{inside}")

    def _fail(self, answer: httpx.Response) -> NoReturn:
        try:
            said = msgspec.json.decode(answer.content, type=GraphErrorBody).error
        except msgspec.MsgspecError:
            said = GraphProblem(code="failed", message=f"{self.login.api_origin} answered {answer.status_code}")
        remedy = "log in: assay login" if answer.status_code == UNAUTHORIZED else ""
        problem = Problem(code=said.code, message=said.message, remedy=remedy)
        fail(problem, WRONG_USE if answer.status_code == BAD_REQUEST else REFUSED, as_json=self._as_json)


def unreachable(origin: str, error: Exception, *, as_json: bool) -> NoReturn:
    """End the command: nobody answers there, or not who should."""
    remedy = "check the address and the network"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        remedy = "name its authority with --ca authority.pem, or let this machine trust it: assay trust --ca"
    problem = Problem(code="unreachable", message=f"{origin} cannot be reached ({error})", remedy=remedy)
    fail(problem, UNREACHABLE, as_json=as_json)

"""Refusals that no flow made: JSON with a code for programs, a page in words where a person waits for one."""

import msgspec

from assay.access.canonical import METHODS
from assay.access.exchange import CheckRequest, Refuse
from assay.values import Reason

# No percent sign: Envoy would read it as one of its variables.
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
html {{ font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f4f2ec, #121614);
color: light-dark(#1c211f, #eceee9) }}
main {{ max-width: 27rem; margin: 12vh auto; padding: 1.5rem; background: light-dark(#fffefb, #1a1f1d);
overflow-wrap: anywhere;
border-top: 3px solid light-dark(#9a6b12, #dcb463); border-radius: 0.75rem }}
h1 {{ margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.2 }} p {{ margin: 0 }}
</style>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
_STATUS_OF = {
    "path_not_canonical": 400,
    "method_not_allowed": 405,
    "misdirected_request": 421,
    "origin_not_own": 403,
    "method_limited": 403,
    "path_reserved": 404,
    "check_failed": 403,
    "too_many_connections": 503,
    "proxy_unknown": 401,
    "proxy_question_unclear": 400,
    "not_over_tls": 403,
}
_WORDS = {
    "path_not_canonical": "Programs could read this address in different ways. Open the app from its first page.",
    "path_reserved": "There is nothing under this address.",
    "misdirected_request": "This address was asked for on the connection of another one. Reload the page.",
    "ambiguousCookie": "Your browser sent two session cookies, and one is not ours. Clear the cookies of this site.",
    "accessDenied": "You may not open this app now. Ask whoever gave you access to it.",
    "unavailable": "Access cannot be judged in full just now. Try again in a moment.",
    "check_failed": "Access could not be judged, so nothing was let through. Try again in a moment.",
    "too_many_connections": "Too many connections are open just now. Try again in a moment.",
}


def refused_page(code: str, text: str) -> bytes:
    """For a person, where a program would get JSON; both are ours, so nothing in them needs escaping."""
    return PAGE.format(title="This request is refused", text=f"{text} ({code})" if code else text).encode()


def refusal(reason: Reason) -> Refuse:
    """The answer to a program: its code says all, because no page can help."""
    error = {"code": reason.code, "parameters": dict(reason.parameters)}
    allow = (("allow", ", ".join(sorted(METHODS))),) if reason.code == "method_not_allowed" else ()
    return Refuse(status=_STATUS_OF[reason.code], body=msgspec.json.encode({"error": error}), headers=allow)


def in_words(request: CheckRequest, answer: Refuse) -> Refuse:
    """The same refusal as a page where a person waits for one: JSON would leave them with braces."""
    if not request.is_navigation or answer.content_type != "application/json":
        return answer
    code = _code_of(answer.body)
    page = refused_page(code, _WORDS.get(code, "This address cannot be opened now. Try again in a moment."))
    return msgspec.structs.replace(answer, body=page, content_type="text/html; charset=utf-8")


class _Code(msgspec.Struct):
    code: str = ""


class _Error(msgspec.Struct):
    error: str | _Code = ""


def _code_of(body: bytes) -> str:
    """The code in a refusal's JSON; "" where it has none, or one that is not of our letters."""
    try:
        error = msgspec.json.decode(body, type=_Error).error
    except msgspec.MsgspecError:
        return ""
    code = error if isinstance(error, str) else error.code
    return code if code.isascii() and code.replace("_", "").isalnum() else ""

"""Tokens: what is no session of ours opens nothing, whatever it looks like."""

from tests.gateway.attacks.attack import FORGED, Attack, headers

TITLE = "Malformed tokens"
_JWT = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJmb3JnZWQifQ."


def _authorization(name: str, value: str, cell: str | tuple[str, str]) -> Attack:
    return headers(name, [("Authorization", value)], cell, cookie=False)


ATTACKS: tuple[Attack, ...] = (
    _authorization("`Bearer` with nothing", "Bearer", "401"),
    _authorization("`Bearer` with a word", f"Bearer {FORGED}", "401"),
    _authorization("a token without a signature (`alg: none`)", f"Bearer {_JWT}", "401"),
    _authorization("a token of dots", "Bearer " + "." * 1_000, "401"),
    _authorization("a token of 50 KiB", "Bearer " + "a" * 51_200, "401"),
    _authorization("a token of 70 KiB", "Bearer " + "a" * 71_680, ("431", "reset")),
    _authorization("`bearer` in lower case", f"bearer {FORGED}", "401"),
    _authorization("a tab for the space", f"Bearer\t{FORGED}", "401"),
    _authorization("two tokens in one", f"Bearer {FORGED}, Bearer {FORGED}", "401"),
    _authorization("`Basic` that is no Base64", "Basic %%%", "401"),
    _authorization("`Basic` with a name and a NUL", "Basic YQBhOmI=", "401"),
    _authorization("no ASCII", "Bearer \xff\xfe", "401"),
    _authorization("NUL", "Bearer \x00", ("400", "reset")),
    headers(
        "two headers",
        [("Authorization", f"Bearer {FORGED}"), ("Authorization", f"Basic {FORGED}")],
        "401",
        cookie=False,
    ),
    headers("an assertion of its own making", [("Assay-Assertion", _JWT)], "401", cookie=False),
    headers("a token in the query", [], "401", path=f"/?access_token={_JWT}", cookie=False),
)

"""Early data and `Expect`: what may come before it is settled who asks."""

from tests.gateway.attacks.attack import FORGED, Attack, headers

TITLE = "Early data and `Expect`"
ATTACKS: tuple[Attack, ...] = (
    headers("`Early-Data: 1` of a client's own", [("Early-Data", "1")], "clean", forbidden=["early-data"]),
    headers(
        "`Expect: 100-continue` with a session",
        [("Expect", "100-continue"), ("Content-Length", "0")],
        "clean",
        method="POST",
    ),
    headers(
        "`Expect: 100-continue` without one",
        [("Expect", "100-continue"), ("Content-Length", "0")],
        "401",
        method="POST",
        cookie=False,
    ),
    headers("another `Expect`", [("Expect", f"{FORGED}")], "403"),
    headers("`Expect` twice", [("Expect", "100-continue"), ("Expect", FORGED)], "403"),
)

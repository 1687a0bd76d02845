"""What became of a hostile request: a cell that can be compared, after what must never be was ruled out."""

from assay.access.canonical import refuse_path
from tests.protocols.forward_auth.app import Seen
from tests.protocols.forward_auth.attacks import FORGED, Attack, Where
from tests.protocols.forward_auth.programs import PROGRAMS
from tests.protocols.forward_auth.stage import PUBLIC, Stage

OURS = ("assay-proxy", "assay-upgrade", "assay-connection", "assay-cookie")


def where_of(stage: Stage, program: str) -> Where:
    """What an attacker of this program knows."""
    other = PROGRAMS[(PROGRAMS.index(program) + 1) % len(PROGRAMS)]
    everywhere, office = stage.credentials[program]
    return Where(
        host=stage.wire.host(program),
        port=stage.wire.port,
        cookie=stage.cookies[program],
        credential=everywhere,
        office=office,
        other=f"{other}.assay.localhost:{stage.wire.port}",
    )


def cell_of(stage: Stage, program: str, attack: Attack) -> str:
    """`200`: it reached the app, clean; another status, or `closed`: it did not. Raises AssertionError on a leak."""
    where, before = where_of(stage, program), len(stage.app.seen)
    sni = attack.sni(where).partition(":")[0] if attack.sni is not None else ""
    reply = stage.wire.send(program, attack.make(where), sni=sni)
    reached = stage.app.seen[before:]
    for seen in reached:
        _refuse_leaks(stage, program, attack, seen)
    if reached:
        assert reply.status in (200, 101), (reply, reached)
        nobody = attack.signed_in and not reached[0].values("assay-assertion")
        return f"**{reply.status}**{', told of nobody' if nobody else ''}"
    assert reply.status not in (200, 101, 204), reply
    if attack.cut_off:
        return "refused"
    return str(reply.status) if reply.status else "closed"


def _refuse_leaks(stage: Stage, program: str, attack: Attack, seen: Seen) -> None:
    """What an app behind a proxy never gets, whatever was sent."""
    assert stage.secrets[program] not in seen.head
    assert "__host-assay" not in seen.head.lower(), seen
    assert all(secret not in seen.head for secret in stage.credentials[program]), seen
    assert FORGED not in seen.head, seen
    assert not [name for name, _ in seen.headers if name in OURS], seen
    assert [value.lower() for value in seen.values("upgrade")] in ([], ["websocket"]), seen
    assertions = seen.values("assay-assertion")
    assert len(assertions) <= 1, seen
    assert all(each.startswith("ey") and each.count(".") == 2 for each in assertions), seen
    if attack.honest:
        assert seen.target == attack.make(where_of(stage, program)).split(b" ", 2)[1].decode("latin-1")
    if attack.signed_in or assertions:
        return
    assert seen.target.startswith(PUBLIC), seen
    assert refuse_path(seen.target) is None, seen

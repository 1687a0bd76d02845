"""/v1/keys: listed, rotated, retired; secrets never pass."""

from pathlib import Path
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.rotate_keys import KeyChange, Keys
from assay.access.rotation_rules import KeyKind, lead_of
from assay.api.flows import AdminFlows
from assay.api.shapes.keys import KeyList, KeyShape, RetiredShape, RetireKeys, RotateKey, RotationShape
from assay.values import InvalidInputError


@get("/keys")
async def list_keys(keys: NamedDependency[Keys]) -> KeyList:
    """Every key, without its secret."""
    return KeyList(
        value=tuple(
            KeyShape(
                kind=each.kind.value,
                id=each.id,
                state=each.state.value,
                since=each.since,
                until=each.until,
                seals=each.seals,
            )
            for each in await keys.list()
        )
    )


@post("/keys/{kind:str}/rotate", status_code=200)
async def rotate_key(
    kind: FromPath[str], data: JSONBody[RotateKey], flows: NamedDependency[AdminFlows], by: NamedDependency[By]
) -> RotationShape:
    """Make a new key of this kind; what follows from it begins at once."""
    made = await _rotate(flows.keys, by, _kind(kind), data)
    flows.keys_changed()
    return RotationShape(kind=made.kind.value, id=made.id, used_from=made.used_from)


@post("/keys/{kind:str}/retire", status_code=200)
async def retire_keys(
    kind: FromPath[str], data: JSONBody[RetireKeys], keys: NamedDependency[Keys], by: NamedDependency[By]
) -> RetiredShape:
    """Let go of what newer keys of this kind replaced and nothing needs."""
    wanted = _kind(kind)
    if data.gone and wanted is not KeyKind.MASTER:
        raise InvalidInputError(
            f"--gone cannot be used with a key of kind {wanted.value}", remedy="no other key waits for nodes"
        )
    ids = await keys.retire(by, wanted, at_once=data.at_once, into=_path(data.write_to), gone=data.gone)
    return RetiredShape(kind=wanted.value, ids=ids)


ROUTES: Final = (list_keys, rotate_key, retire_keys)


async def _rotate(keys: Keys, by: By, kind: KeyKind, asked: RotateKey) -> KeyChange:
    _refuse_foreign(kind, asked)
    after = None if asked.after_seconds is None else lead_of(asked.after_seconds)
    match kind:
        case KeyKind.MASTER:
            return await keys.rotate_master(by, lead=after, at_once=asked.at_once, into=_path(asked.write_to))
        case KeyKind.ASSERTION:
            return await keys.rotate_assertion(by, lead=after, at_once=asked.at_once)
        case KeyKind.CHECKPOINT:
            return await keys.rotate_checkpoint(by, trusted=not asked.untrusted)
        case KeyKind.DERIVED:
            return await keys.rotate_derived(by)
        case KeyKind.AUTHORITY:
            return await keys.rotate_authority(by, use=asked.use)
        case KeyKind.CERTIFICATE:
            return await keys.reissue_certificate(by)


def _refuse_foreign(kind: KeyKind, asked: RotateKey) -> None:
    """What is not meant for this kind is refused rather than left out: somebody expects something of it."""
    given = {
        "--in": asked.after_seconds is not None and kind not in (KeyKind.MASTER, KeyKind.ASSERTION),
        "--write-to": bool(asked.write_to) and kind is not KeyKind.MASTER,
        "--untrusted": asked.untrusted and kind is not KeyKind.CHECKPOINT,
        "--use": asked.use and kind is not KeyKind.AUTHORITY,
        "--now": asked.at_once and kind is KeyKind.AUTHORITY,
    }
    foreign = [name for name, wrong in given.items() if wrong]
    if foreign:
        raise InvalidInputError(
            f"{' and '.join(foreign)} cannot be used with a key of kind {kind.value}",
            remedy="see: assay keys rotate --help; nothing was changed",
        )


def _kind(name: str) -> KeyKind:
    try:
        return KeyKind(name)
    except ValueError:
        raise InvalidInputError(
            f"there is no kind of key named {name!r}", remedy=f"use one of {', '.join(KeyKind)}"
        ) from None


def _path(name: str) -> Path | None:
    if not name:
        return None
    path = Path(name)
    if not path.is_absolute():
        raise InvalidInputError(f"{name!r} is no absolute path", remedy="the service may run in another directory")
    return path

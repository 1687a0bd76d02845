"""/v1/damage: rows of the database that cannot be read."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from assay.access.attempt import By
from assay.access.mend import Damage, Mend
from assay.api.errors import done
from assay.api.shapes.damage import DamageList, DamageShape, RemoveRow


@get("/damage")
async def list_damage(mend: NamedDependency[Mend]) -> DamageList:
    """Every row that cannot be read, looked for now."""
    return DamageList(value=tuple(map(_damage, await mend.every())))


@get("/damage/row")
async def show_damage(table: FromQuery[str], key: FromQuery[str], mend: NamedDependency[Mend]) -> DamageShape:
    """One of them."""
    return _damage(await mend.show(table, key))


@post("/damage/remove", status_code=200)
async def remove_damage(data: JSONBody[RemoveRow], mend: NamedDependency[Mend], by: NamedDependency[By]) -> DamageShape:
    """Take one out; the answer is what it was."""
    return _damage(done(await mend.remove(by, data.table, data.key, why=data.reason, loosens=data.loosens)))


ROUTES: Final = (list_damage, show_damage, remove_damage)


def _damage(found: Damage) -> DamageShape:
    return DamageShape(
        table=found.row.table,
        key=found.row.key,
        error=found.row.error,
        follows=found.follows,
        loosens=found.loosens,
        content=dict(found.content),
    )

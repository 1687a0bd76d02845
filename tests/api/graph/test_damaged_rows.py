"""A row that cannot be read is left out of its list, which goes on; doctor is told where it lies."""

from sqlalchemy import text

from assay.access.attempt import NotDone
from tests.access.house import BY
from tests.api.graph.company import Company
from tests.api.graph.test_conditional_access import policy

DAMAGE = {
    "/assay/decisions": "UPDATE decision SET record = '{' WHERE id = '{id}'",
    "/assay/sessions": "UPDATE session SET proofs = '[7]' WHERE id = '{id}'",
    "/auditLogs/signIns": "UPDATE sign_in SET methods = '[' WHERE id = '{id}'",
    "/auditLogs/directoryAudits": "UPDATE event SET payload = '{' WHERE id = '{id}'",
    "/users": "UPDATE users SET kind = 'owner of everything' WHERE id = '{id}'",
}


async def test_lists_leave_out_what_cannot_be_read(company: Company) -> None:
    house = company.service.house
    for path, statement in DAMAGE.items():
        rows = await company.rows(path)
        # Not the first: Ada asks.
        bad = rows[1]["id"]
        damaged = text(statement.replace("{id}", str(bad)))
        changed = await house.store.write(lambda transaction, damaged=damaged: transaction.connection.execute(damaged))
        assert changed.rowcount == 1
        left = await company.rows(path)
        assert [row["id"] for row in left] == [row["id"] for row in rows if row["id"] != bad], path
        short = (await company.get(f"{path}?$top=2")).json()
        assert len(short["value"]) == 1, "a place that nothing takes"
        if path.startswith(("/auditLogs/", "/assay/decisions")):
            assert (await company.get(f"{path}/{bad}")).status_code == 404, path
    told = await company.service.admin.flows.survey.look()
    assert len(told.skipped) == len(DAMAGE)
    for table in ("decision", "session", "sign_in", "event", "users"):
        assert any(f"of the table {table} cannot be read" in said for said in told.skipped), table
    mend = company.service.admin.flows.mend
    for each in await mend.every():
        gone = await mend.remove(BY, each.row.table, each.row.key, why="the disk failed")
        # What happened stays, whatever became of it.
        assert isinstance(gone, NotDone) is (each.row.table in {"decision", "sign_in", "event"}), each
    assert {each.row.table for each in await mend.every()} == {"decision", "sign_in", "event"}


async def test_lists_that_read_the_log_do_without_events_that_cannot_be_read(company: Company) -> None:
    base, store = "/identity/conditionalAccess", company.service.house.store
    address = {"ipRanges": [{"cidrAddress": "192.0.2.0/24"}]}
    for name in ("Not for long", "Nor this"):
        made = await company.change("POST", f"{base}/namedLocations", address | {"displayName": name})
        await company.change("DELETE", f"{base}/namedLocations/{made.json()['id']}")
    await company.change("POST", f"{base}/policies", policy(name="Made before"))
    deleted = f"{base}/deletedItems/namedLocations"
    damaged = (
        "UPDATE event SET payload = '{' WHERE code LIKE 'policy.%' OR leaf_index ="
        " (SELECT max(leaf_index) FROM event WHERE code = 'location.changed')"
    )
    await store.write(lambda transaction: transaction.connection.execute(text(damaged)))
    assert [row["displayName"] for row in await company.rows(deleted)] == ["Not for long"]
    assert "Made before" in [row["displayName"] for row in await company.rows(f"{base}/policies")]

"""Nodes of two releases on one database: one after another where the new schema allows it, never otherwise.

A later release is this one's source with more migrations; it runs as its own node would.
"""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from assay.store.migrate import revisions
from tests.end_to_end.person import NAVIGATION
from tests.nodes.house import REPOSITORY, House
from tests.nodes.test_outages import answers, signed_in, status, until
from tests.nodes.test_two_nodes import SCRIPT, sign_in_by_recovery_code

pytestmark = [pytest.mark.namespaces, pytest.mark.slow]

OURS = revisions()[-1]
NEXT = f"{int(OURS) + 1:04}"
LATER = f"{int(OURS) + 2:04}"
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
{works_from}


def upgrade():
    op.add_column("users", sa.Column("{column}", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("users", "{column}")
"""


def with_step(source: Path, directory: Path, revision: str, *, before: str, works_from: str = "") -> Path:
    """The source of a release with one more step, as `PYTHONPATH` takes it; compiled as far as its original is."""
    shutil.copytree(source, directory)
    step = directory / "assay" / "store" / "migrations" / "versions" / f"{revision}_names.py"
    step.write_text(
        MIGRATION.format(
            revision=revision,
            before=before,
            column=f"name_of_{revision}",
            works_from=f'works_from = "{works_from}"' if works_from else "",
        )
    )
    return directory


@pytest.fixture(scope="module")
def adding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next release, which only adds."""
    return with_step(REPOSITORY / "src", tmp_path_factory.mktemp("next") / "src", NEXT, before=OURS, works_from=OURS)


@pytest.fixture(scope="module")
def changing(adding: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one after it, which changes what is there."""
    return with_step(adding, tmp_path_factory.mktemp("later") / "src", LATER, before=NEXT)


async def told(client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> httpx.Response:
    """What this client had open is cut at some moment; where it finds that out by its request, it makes another."""
    try:
        return await client.get(url, headers=headers)
    except httpx.TransportError:
        return await client.get(url, headers=headers)


async def both_in_rotation(two: House) -> bool:
    listed = await asyncio.to_thread(two.a.json, "nodes", "list")
    return {node["state"] for node in listed["value"]} == {"inRotation"}  # type: ignore[index]


async def test_r33_where_a_step_only_adds_nodes_are_upgraded_one_after_another(two: House, adding: Path) -> None:
    async with signed_in(two) as (owner, client, other, wiki):
        two.b.stop()
        two.b.more_environment = {"PYTHONPATH": str(adding)}
        two.b.start()
        assert two.schema() == NEXT
        for each in (client, other):
            assert await status(each, f"{wiki}/") == 200, "a session of before, on both releases"
        await until(lambda: both_in_rotation(two))
        # Written by either, read by the other, and a node of the release before starts anew.
        two.b.run("users", "add", "carol")
        two.a.stop()
        two.a.start()
        assert "carol" in two.a.run("users", "list")
        two.a.run("users", "add", "dave")
        assert "dave" in two.b.run("users", "list")
        assert "sessions ended: 1" in two.a.run("sessions", "revoke", "--all")
        # Revoked by the release before, refused by the next.
        await until(lambda: answers(other, f"{wiki}/", 401))
        await sign_in_by_recovery_code(owner)
        assert two.a.run("events", "verify").startswith("good")
        assert two.b.run("events", "verify").startswith("good")


async def test_r33_where_a_step_changes_what_is_there_no_node_of_before_goes_on(two: House, changing: Path) -> None:
    before = two.schema()
    async with signed_in(two) as (_, client, other, wiki):
        two.b.stop()
        two.b.more_environment = {"PYTHONPATH": str(changing)}
        with pytest.raises(AssertionError) as refused:
            two.b.start()
        assert "node a of an earlier release works on this database" in str(refused.value)
        assert "stop every node of the earlier release first" in str(refused.value)
        assert two.schema() == before, "nothing was changed"
        assert await status(client, f"{wiki}/") == 200

        # Cut off it cannot be asked; the next release comes up, and this one finds that when it is back.
        two.place.cut("a", "db")

        async def up() -> bool:
            try:
                two.b.start()
            except AssertionError:
                # Until the other is missed; each try costs seconds of a core.
                await asyncio.sleep(3)
                return False
            return True

        await until(up, 240)
        assert two.schema() == LATER
        assert await status(other, f"{wiki}/") == 200
        two.place.heal("a")

        await until(lambda: answers(client, f"{wiki}/", 503))
        answer = await told(client, f"{wiki}/", SCRIPT)
        assert answer.json()["reasons"][0]["code"] == "otherRelease"
        page = await told(client, f"{two.a.id_origin}/sign-in", NAVIGATION)
        assert page.status_code == 503
        assert "earlier release" in page.text
        assert (await told(client, f"{two.a.id_origin}/health/ready", SCRIPT)).status_code != 200
        assert "start it with the release of the others" in two.a.run("doctor", code=1)
        assert two.a.run("users", "add", "late", code=1) == ""
        two.a.stop()
        with pytest.raises(AssertionError) as refused:
            two.a.start()
        assert f"schema {LATER}, which this release does not know" in str(refused.value)
        assert await status(other, f"{wiki}/") == 200

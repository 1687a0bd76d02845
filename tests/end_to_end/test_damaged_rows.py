"""The whole service with rows that cannot be read: it starts, serves the rest, and doctor says which they are."""

import sqlite3
from pathlib import Path

import pytest

from tests.end_to_end.installation import installation
from tests.ports import free_port

OF_ALICE = "holder_id = (SELECT id FROM users WHERE user_name = 'alice')"
DAMAGE = {
    "public_path": "UPDATE public_path SET definition = '{' WHERE name = 'bad'",
    "app_credential": "UPDATE app_credential SET restrictions = '[' WHERE name = 'bad'",
    "app": "UPDATE app SET allowed_origins = '7' WHERE name = 'files'",
    "app_assignment": f"UPDATE app_assignment SET holder_kind = 'all' WHERE {OF_ALICE}",
    "users": "UPDATE users SET kind = 'all' WHERE user_name = 'bob'",
}


@pytest.mark.slow
def test_the_service_starts_and_says_what_it_could_not_read(tmp_path: Path) -> None:
    with installation(tmp_path, port=free_port()) as installed:
        for name in ("wiki", "files"):
            installed.run("apps", "protect", f"unix:{tmp_path}/{name}.sock", "--name", name)
        for name in ("alice", "bob"):
            installed.run("users", "add", name)
        installed.run("apps", "assign", "wiki", "--user", "alice")
        for name in ("good", "bad"):
            installed.run("apps", "public-paths", "add", "wiki", f"/{name}/", "--name", name, "--reason", "a test")
            installed.run("apps", "credentials", "add", "wiki", "--name", name)
        installed.stop()
        with sqlite3.connect(installed.data / "assay.db") as database:
            for table, statement in DAMAGE.items():
                assert database.execute(statement).rowcount == 1, table
        database.close()
        installed.start()
        report = installed.json("doctor", code=1)
        assert isinstance(report, dict)
        said = [each["message"] for each in report["findings"] if each["check"] == "database rows"]
        assert len(said) == len(DAMAGE)
        assert all(any(f"of the table {table} cannot be read" in each for each in said) for table in DAMAGE)
        printed = [line for line in installed.printed if "cannot be read" in line]
        assert all(any(f"of the table {table} " in line for line in printed) for table in DAMAGE)
        assert "good" in installed.run("apps", "public-paths", "list", "wiki")
        assert "bad" not in installed.run("apps", "credentials", "list", "wiki")
        assert "files" not in installed.run("apps", "list")

        listed = installed.json("damage", "list")
        assert isinstance(listed, dict)
        assert {each["table"] for each in listed["value"]} == set(DAMAGE)
        assert any("assay damage" in each["fix"] for each in report["findings"] if each["check"] == "database rows")
        for each in listed["value"]:
            gone = installed.run("damage", "remove", each["table"], each["key"], "--reason", "the disk failed")
            assert f"taken out: {each['table']} {each['key']}" in gone
        assert installed.run("damage", "list") == "every row can be read\n"
        installed.run("users", "add", "bob")
        assert "bob" in installed.run("users", "list")

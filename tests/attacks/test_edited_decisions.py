"""What a decision rested on cannot be edited unseen: `assay explain` would tell the edited story."""

import pytest

from tests.attacks.outsider import People
from tests.attacks.test_edited_log import bad, edited, execute, good, some_decisions

__all__ = ["some_decisions"]  # a fixture that this module uses too


@pytest.mark.parametrize("table", ["snapshot", "policy_set"])
def test_an_edit_of_what_hashes_point_to_is_found(people: People, table: str) -> None:
    name, before = execute(people, f"SELECT hash, content FROM {table} ORDER BY rowid DESC LIMIT 1")[0]
    execute(people, f"UPDATE {table} SET content = ? WHERE hash = ?", edited(before), name)
    try:
        assert bad(people)
    finally:
        execute(people, f"UPDATE {table} SET content = ? WHERE hash = ?", before, name)
    assert good(people)

"""People, instants and keys that the tests of identities share."""

import os
from datetime import UTC, datetime
from uuid import uuid4

from assay.identities.groups import Group
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.policy import UserKind
from assay.sealing import Keyring
from assay.sealing.seal import new_master_key
from assay.store import Store
from assay.values import GroupId, UserId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def person(user_name: str = "ada@example.com", display_name: str = "Ada Lovelace") -> User:
    """A member who is not stored yet."""
    return User(
        id=UserId(str(uuid4())),
        user_name=user_name,
        display_name=display_name,
        kind=UserKind.MEMBER,
        created_at=NOW,
    )


def group(name: str) -> Group:
    """A group that is not stored yet."""
    return Group(id=GroupId(str(uuid4())), name=name, created_at=NOW)


def keyring() -> Keyring:
    """A keyring with one new master key."""
    return Keyring(keys=(new_master_key(os.urandom(40), at=NOW),), random=os.urandom)


async def stored_person(store: Store, user_name: str = "ada@example.com") -> User:
    """A member who is stored."""
    user = person(user_name)
    await store.write(lambda t: users.insert(t, user))
    return user


async def stored_group(store: Store, name: str) -> Group:
    """A group that is stored."""
    made = group(name)
    await store.write(lambda t: groups.insert(t, made))
    return made

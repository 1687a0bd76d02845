"""Ids: lower-case GUID strings, a type of their own per noun."""

from typing import NewType
from uuid import UUID

UserId = NewType("UserId", str)
GroupId = NewType("GroupId", str)
RoleId = NewType("RoleId", str)  # a directory role's template id, as policies name it
AppId = NewType("AppId", str)
PolicyId = NewType("PolicyId", str)
LocationId = NewType("LocationId", str)
SessionId = NewType("SessionId", str)
EventId = NewType("EventId", str)
PrincipalId = NewType("PrincipalId", str)
CredentialId = NewType("CredentialId", str)
PublicPathId = NewType("PublicPathId", str)
ProxyId = NewType("ProxyId", str)


def new_id(random: bytes) -> str:
    """A version 4 GUID from 16 random bytes that the caller took from its source of randomness."""
    return str(UUID(bytes=random[:16], version=4))

"""The words every room uses: the wire base, ids, reasons, errors."""

from assay.values.base import Stored, Value, Wire, Word
from assay.values.errors import AssayError, ConflictError, InvalidInputError, NotFoundError, RefusedInputError
from assay.values.ids import (
    AppId,
    CredentialId,
    EventId,
    GroupId,
    LocationId,
    PolicyId,
    PrincipalId,
    ProxyId,
    PublicPathId,
    RoleId,
    SessionId,
    UserId,
    new_id,
)
from assay.values.reasons import Reason

__all__ = [
    "AppId",
    "AssayError",
    "ConflictError",
    "CredentialId",
    "EventId",
    "GroupId",
    "InvalidInputError",
    "LocationId",
    "NotFoundError",
    "PolicyId",
    "PrincipalId",
    "ProxyId",
    "PublicPathId",
    "Reason",
    "RefusedInputError",
    "RoleId",
    "SessionId",
    "Stored",
    "UserId",
    "Value",
    "Wire",
    "Word",
    "new_id",
]

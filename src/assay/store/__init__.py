"""Transactions, column types, the change feed and migrations, on SQLite and PostgreSQL."""

from assay.store.changes import Change, ChangeFeed, Topic
from assay.store.columns import Count, Flag, Id, Instant, Json, Octets, Text
from assay.store.damaged import readable, readable_one
from assay.store.database import Database
from assay.store.dialect import Dialect
from assay.store.errors import (
    AskedTooMuchError,
    StoreBusyError,
    StoreClosedError,
    StoreDamagedError,
    StoreFullError,
    StoreUnavailableError,
)
from assay.store.prepared import Prepared
from assay.store.raw_rows import raw_row, remove_row
from assay.store.reader import DAMAGE, DamagedRow, Reader
from assay.store.schema import metadata, table
from assay.store.store import Store
from assay.store.transaction import Transaction
from assay.store.upsert import upsert

__all__ = [
    "DAMAGE",
    "AskedTooMuchError",
    "Change",
    "ChangeFeed",
    "Count",
    "DamagedRow",
    "Database",
    "Dialect",
    "Flag",
    "Id",
    "Instant",
    "Json",
    "Octets",
    "Prepared",
    "Reader",
    "Store",
    "StoreBusyError",
    "StoreClosedError",
    "StoreDamagedError",
    "StoreFullError",
    "StoreUnavailableError",
    "Text",
    "Topic",
    "Transaction",
    "metadata",
    "raw_row",
    "readable",
    "readable_one",
    "remove_row",
    "table",
    "upsert",
]

"""The databases that Assay speaks."""

from enum import StrEnum


class Dialect(StrEnum):
    """The databases that Assay speaks."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"

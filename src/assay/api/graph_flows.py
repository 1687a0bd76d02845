"""Everything that the Graph API calls beside the administrators' flows; made in the composition root."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from assay.access.callers import Callers
from assay.access.premises import Addresses
from assay.api.flows import AdminFlows
from assay.api.reading import Reading
from assay.api.writing import Writing
from assay.values import Value


class GraphFlows(Value, frozen=True, kw_only=True):
    """`console`: the built files of the console, None where it was not built."""

    admin: AdminFlows
    reading: Reading
    writing: Writing
    callers: Callers
    addresses: Addresses
    console: Path | None
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    @property
    def console_host(self) -> str:
        return self.addresses.app_host("console")

    @property
    def api_host(self) -> str:
        return self.addresses.app_host("api")

    @property
    def organization_id(self) -> str:
        """The organisation's GUID: of its base domain, so that it is the same on every node and after a restore."""
        return str(uuid5(NAMESPACE_DNS, self.addresses.base))

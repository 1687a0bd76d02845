"""The composition root: settings in, running service out; nothing but the command line imports it."""

from assay.server.service import Service
from assay.server.settings import ServiceSettings

__all__ = ["Service", "ServiceSettings"]

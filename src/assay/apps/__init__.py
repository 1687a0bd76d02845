"""The apps pillar: what stands behind the gateway, under which name, and where it listens."""

from assay.apps.app import App, app_name
from assay.apps.upstream import Upstream, parse_upstream, typed_upstream

__all__ = ["App", "Upstream", "app_name", "parse_upstream", "typed_upstream"]

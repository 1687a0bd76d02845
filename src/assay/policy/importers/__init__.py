"""Policies from and to files: Microsoft Graph's JSON."""

from assay.policy.importers.export import export_location, export_policy, export_strength
from assay.policy.importers.graph import ImportedPolicy, ImportResult, Malformed, Repeated, import_policies
from assay.policy.importers.source import SourceFile

__all__ = [
    "ImportResult",
    "ImportedPolicy",
    "Malformed",
    "Repeated",
    "SourceFile",
    "export_location",
    "export_policy",
    "export_strength",
    "import_policies",
]

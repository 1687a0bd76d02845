"""Assay: every request is judged, on everything known at that moment, by one pure function."""

__version__ = "0.1.0"

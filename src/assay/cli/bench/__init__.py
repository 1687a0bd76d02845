"""Measurements of this machine against the targets: one file per measurement, and what they share."""

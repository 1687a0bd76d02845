"""Literal schema revisions: they import no table, so that they mean tomorrow what they meant today."""

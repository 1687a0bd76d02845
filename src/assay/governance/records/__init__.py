"""Governance's rows."""

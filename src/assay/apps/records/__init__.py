"""The apps' rows."""

"""The address of a database, with and without its password."""

from sqlalchemy import make_url


def with_password(url: str, password: str) -> str:
    """The address with the password that is kept apart from it."""
    return make_url(url).set(password=password).render_as_string(hide_password=False)


def shown(url: str) -> str:
    """The address for people: without its password; "" stays "" (SQLite in the data directory)."""
    return make_url(url).render_as_string(hide_password=True) if url else ""

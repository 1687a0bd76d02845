"""Policies to begin with, in Graph's shape of a template; each is decided here, and whoever it is about can meet it."""

from functools import cache
from importlib.resources import files

import msgspec

from assay.values import Value


class Details(Value, frozen=True, kw_only=True, rename="camel"):
    """Graph's conditionalAccessPolicyDetail: what a policy of the template says, but for its name and state."""

    conditions: dict[str, object]
    grant_controls: dict[str, object] | None
    session_controls: dict[str, object] | None


class Template(Value, frozen=True, kw_only=True):
    """Graph's conditionalAccessTemplate; `scenarios` are Graph's templateScenarios, with commas."""

    id: str
    name: str
    description: str
    scenarios: str
    details: Details


@cache
def templates() -> tuple[Template, ...]:
    """Every template that this release has."""
    text = files("assay.policy").joinpath("templates.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[Template, ...])

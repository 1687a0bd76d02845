"""Durations as people type them."""

import re
from typing import Final

import click

_UNITS: Final = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0}
_DURATION: Final = re.compile(r"([0-9]{1,5})([smhd])")


class _Hours(click.ParamType[float]):
    """`45s`, `30m`, `24h` or `7d`, as hours."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = _DURATION.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is no duration; write 45s, 30m, 24h or 7d", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


HOURS: Final = _Hours()

"""The shape of the JSON that Envoy reads."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool
JsonObject: TypeAlias = dict[str, Json]

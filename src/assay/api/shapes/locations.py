"""Named locations."""

from assay.values import Wire


class NewLocation(Wire, frozen=True, kw_only=True):
    """A location to add: CIDR networks or `lower-upper` ranges."""

    display_name: str
    ranges: tuple[str, ...]
    is_trusted: bool = False


class LocationChange(Wire, frozen=True, kw_only=True):
    """What to change of a location; None leaves as it is."""

    ranges: tuple[str, ...] | None = None
    is_trusted: bool | None = None


class LocationShape(Wire, frozen=True, kw_only=True):
    """A named location; `undecided` names what of it (countries, networks) no address can be held against."""

    id: str
    display_name: str
    is_trusted: bool
    ranges: tuple[str, ...]
    undecided: tuple[str, ...]


class LocationList(Wire, frozen=True, kw_only=True):
    """Every named location."""

    value: tuple[LocationShape, ...]

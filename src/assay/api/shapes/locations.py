"""Named locations."""

from assay.api.shapes.published import PublishedShape
from assay.values import Wire


class NewLocation(Wire, frozen=True, kw_only=True):
    """A location to add: CIDR networks or `lower-upper` ranges; `override`: why it may break an invariant."""

    display_name: str
    ranges: tuple[str, ...]
    is_trusted: bool = False
    override: str = ""


class LocationChange(Wire, frozen=True, kw_only=True):
    """What to change of a location; None leaves as it is. `override`: why it may break an invariant."""

    ranges: tuple[str, ...] | None = None
    is_trusted: bool | None = None
    override: str = ""


class LocationShape(Wire, frozen=True, kw_only=True):
    """A named location; `undecided` names what of it (countries, networks) no address can be held against.

    `published`: where it was just changed, what was proved of that.
    """

    id: str
    display_name: str
    is_trusted: bool
    ranges: tuple[str, ...]
    undecided: tuple[str, ...]
    published: PublishedShape | None = None


class LocationList(Wire, frozen=True, kw_only=True):
    """Every named location."""

    value: tuple[LocationShape, ...]

"""namedLocation from and to Graph's JSON."""

from typing import Final

from assay.policy.definition import NamedLocation
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node, canonical_id
from assay.policy.location_table import parse_range
from assay.values import LocationId

MAX_RANGES: Final = 2000  # D NET
_KINDS: Final = {
    "countriesandregions": "countryNamedLocation",
    "compliantnetworktype": "compliantNetworkNamedLocation",
}


def read_location(node: Node) -> NamedLocation:
    """An ipNamedLocation; whatever another type holds (countries, compliant networks) is undecided."""
    node.ignore("createdDateTime", "modifiedDateTime", "deletedDateTime")
    location_id, name = node.text("id"), node.text("displayName")
    if not location_id or not name:
        raise MalformedError((*node.path, "id" if not location_id else "displayName"), "required")
    ranges = tuple(dict.fromkeys(_range(item) for item in node.children("ipRanges")))
    if len(ranges) > MAX_RANGES:
        raise MalformedError((*node.path, "ipRanges"), "tooMany", limit=str(MAX_RANGES))
    trusted = node.boolean("isTrusted") or False
    node.leave()
    return NamedLocation(
        id=LocationId(canonical_id(location_id)),
        display_name=name,
        is_trusted=trusted,
        ranges=ranges,
        undecided=tuple(node.kept),
    )


def _range(item: Node) -> str:
    network, lower, upper = item.text("cidrAddress"), item.text("lowerAddress"), item.text("upperAddress")
    text = network or f"{lower}-{upper}"
    try:
        parse_range(text)
    except ValueError:
        raise MalformedError(item.path, "notAnAddressRange", value=text[:100]) from None
    item.leave()
    return text


def write_location(location: NamedLocation) -> JsonObject:
    """Graph's shape without the undecided parts, by which a location that is no ipNamedLocation shows its type."""
    written: JsonObject = {
        "id": location.id,
        "displayName": location.display_name,
        "isTrusted": location.is_trusted,
    }
    held = {part.path[0].lower() for part in location.undecided}
    kind = next((kind for key, kind in _KINDS.items() if key in held), "ipNamedLocation")
    written["@odata.type"] = f"#microsoft.graph.{kind}"
    if kind == "ipNamedLocation":
        written["ipRanges"] = [_written(text) for text in location.ranges]
    return written


def _written(text: str) -> Json:
    lower, dash, upper = text.partition("-")
    version = "iPv6" if ":" in text else "iPv4"
    if dash:
        kind = f"#microsoft.graph.{version}Range"
        return {"@odata.type": kind, "lowerAddress": lower, "upperAddress": upper}
    return {"@odata.type": f"#microsoft.graph.{version}CidrRange", "cidrAddress": text}

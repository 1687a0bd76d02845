"""namedLocation from and to Graph's JSON."""

import re
from collections.abc import Callable
from typing import Final

from assay.policy.definition import CountryLookup, NamedLocation, Undecided
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node, canonical_id, strings
from assay.policy.location_table import parse_range
from assay.values import LocationId

MAX_RANGES: Final = 2000  # D NET
_COMPLIANT_NETWORK: Final = "allTenantCompliantNetworks"
_COUNTRY: Final = re.compile("[A-Z]{2}")


def read_location(node: Node, id_of_name: Callable[[str], str] | None = None) -> NamedLocation:
    """An ipNamedLocation, a countryNamedLocation or a compliantNetworkNamedLocation.

    `id_of_name`: what a template's id is made with; without it, an id is required.
    """
    node.ignore("createdDateTime", "modifiedDateTime", "deletedDateTime")
    node.drop_if("locationType", _is_type)
    location_id, name = node.text("id"), node.text("displayName")
    if name and not location_id and id_of_name is not None:
        location_id = id_of_name(name)
    if not location_id or not name:
        raise MalformedError((*node.path, "id" if not location_id else "displayName"), "required")
    ranges = _ranges(node)
    if len(ranges) > MAX_RANGES:
        raise MalformedError((*node.path, "ipRanges"), "tooMany", limit=str(MAX_RANGES))
    trusted = node.boolean("isTrusted") or False
    countries = _countries(node)
    unknown = node.boolean("includeUnknownCountriesAndRegions") or False
    lookup = node.choice("countryLookupMethod", CountryLookup) or CountryLookup.CLIENT_IP_ADDRESS
    compliant = _compliant_network(node)
    node.leave()
    return NamedLocation(
        id=LocationId(canonical_id(location_id)),
        display_name=name,
        is_trusted=trusted,
        ranges=ranges,
        countries=countries,
        include_unknown_countries_and_regions=unknown,
        lookup=lookup,
        compliant_network=compliant,
        undecided=tuple(node.kept),
    )


def _countries(node: Node) -> tuple[str, ...]:
    """ISO 3166-1 alpha-2 codes in upper case."""
    key, found = "countriesAndRegions", []
    for code in node.texts(key):
        if not _COUNTRY.fullmatch(code.upper()):
            raise MalformedError((*node.path, key), "notACountry", value=code[:40])
        found.append(code.upper())
    return tuple(dict.fromkeys(found))


def _is_type(value: Json) -> bool:
    """What some templates write for Graph's OData type; what the location holds tells it too."""
    return isinstance(value, str) and value.lower().endswith("namedlocation")


def _compliant_network(node: Node) -> bool:
    kind = node.text("compliantNetworkType")
    if kind is None:
        return False
    if kind.lower() != _COMPLIANT_NETWORK.lower():
        node.undecided("compliantNetworkType", kind)
    return True


def _ranges(node: Node) -> tuple[str, ...]:
    """The ranges, each once; one that holds something unknown here is kept whole, and undecided."""
    key = "ipRanges"
    given = node.take(key)
    if given is None:
        return ()
    if not isinstance(given, list):
        raise MalformedError((*node.path, key), "notAList")
    ranges: dict[str, None] = {}
    for value in given:
        left: list[Undecided] = []
        # Templates have the range alone, as CIDR.
        item = Node({"cidrAddress": value} if isinstance(value, str) else value, (*node.path, key), left)
        text = _range(item)
        item.leave()
        if left:
            node.undecided(key, value, element=True)
        else:
            ranges[text] = None
    return tuple(ranges)


def _range(item: Node) -> str:
    network, lower, upper = item.text("cidrAddress"), item.text("lowerAddress"), item.text("upperAddress")
    text = network or f"{lower}-{upper}"
    try:
        parse_range(text)
    except ValueError:
        raise MalformedError(item.path, "notAnAddressRange", value=text[:100]) from None
    return text


def write_location(location: NamedLocation) -> JsonObject:
    """Graph's shape without the undecided parts."""
    written: JsonObject = {"id": location.id, "displayName": location.display_name}
    if location.compliant_network:
        written["@odata.type"] = "#microsoft.graph.compliantNetworkNamedLocation"
        written["compliantNetworkType"] = _COMPLIANT_NETWORK
        written["isTrusted"] = location.is_trusted
    elif location.countries or location.include_unknown_countries_and_regions:
        written["@odata.type"] = "#microsoft.graph.countryNamedLocation"
        written["countriesAndRegions"] = strings(location.countries)
        written["includeUnknownCountriesAndRegions"] = location.include_unknown_countries_and_regions
        written["countryLookupMethod"] = location.lookup.value
    else:
        written["@odata.type"] = "#microsoft.graph.ipNamedLocation"
        written["isTrusted"] = location.is_trusted
        written["ipRanges"] = [_written(text) for text in location.ranges]
    return written


def _written(text: str) -> Json:
    lower, dash, upper = text.partition("-")
    version = "iPv6" if ":" in text else "iPv4"
    if dash:
        kind = f"#microsoft.graph.{version}Range"
        return {"@odata.type": kind, "lowerAddress": lower, "upperAddress": upper}
    return {"@odata.type": f"#microsoft.graph.{version}CidrRange", "cidrAddress": text}

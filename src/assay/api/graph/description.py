"""The API's own description: what the routes say of themselves, and how everything is refused."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, cast

import msgspec

from assay.access.graph_errors import CODES, GraphErrorBody

_SCHEMAS: Final = "#/components/schemas/{name}"
_ALWAYS: Final = (400, 401, 403, 429, 500, 503)
_OF_ONE: Final = (404,)
_OF_CHANGES: Final = (404, 409, 412, 413, 415)

Json = dict[str, object]


def described(schema: Mapping[str, object]) -> Json:
    """OpenAPI 3.1 with the errors of every operation, all of one shape (`access/graph_errors.py`)."""
    (_,), parts = msgspec.json.schema_components((GraphErrorBody,), ref_template=_SCHEMAS)
    components = cast("Json", schema.get("components", {}))
    schemas = {**cast("Json", components.get("schemas", {})), **parts}
    paths = {
        path: {method: _operation(path, method, cast("Json", each)) for method, each in cast("Json", item).items()}
        for path, item in cast("Json", schema["paths"]).items()
    }
    return {**schema, "paths": paths, "components": {**components, "schemas": schemas}}


def _operation(path: str, method: str, operation: Json) -> Json:
    statuses = {*_ALWAYS, *(_OF_ONE if "{" in path else ()), *(_OF_CHANGES if method not in ("get", "head") else ())}
    refused = {str(status): _refusal(status) for status in sorted(statuses)}
    tagged = any(each.get("name") == "If-None-Match" for each in cast("list[Json]", operation.get("parameters", [])))
    same: Json = {"304": {"description": "Not Modified"}} if tagged else {}
    return {**operation, "responses": {**cast("Json", operation["responses"]), **same, **refused}}


def _refusal(status: int) -> Json:
    content = {"application/json": {"schema": {"$ref": _SCHEMAS.format(name="GraphErrorBody")}}}
    return {
        "description": f"{HTTPStatus(status).phrase}: `{CODES.get(status, 'InternalServerError')}`",
        "content": content,
    }

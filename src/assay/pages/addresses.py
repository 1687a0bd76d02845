"""The addresses of the person's pages that other pages lead to."""

from urllib.parse import urlencode

from assay.access.visitor import Destination


def continue_address(destination: Destination) -> str:
    """Where the flow to this destination goes on."""
    if not destination.app:
        path = destination.safe.path
        return "/continue" if path == "/" else f"/continue?{urlencode({'path': path})}"
    query = {"app": destination.app, "path": destination.path, "state": destination.state}
    return f"/continue?{urlencode(query)}"

"""Which requests the pages take at all: right host, known peer, our own origin for changes."""

from assay.pages.arrival import Arrival
from assay.pages.assets import ASSET_PATH
from assay.pages.settings import PagesSettings
from assay.values import Reason, Value

APP_HOST_PATH = "/.assay/"
METHODS = ("GET", "HEAD", "POST")
# For programs, which have neither an origin nor a cookie that anybody could ride on.
PROGRAMS_PATH = "/oauth2/"


class Problem(Value, frozen=True, kw_only=True):
    """Why a request ends here, as an HTTP status and a reason."""

    status: int
    reason: Reason


def admission_problem(arrival: Arrival, settings: PagesSettings) -> Problem | None:
    """Why this request is not taken, or None."""
    return (
        _misdirected(arrival, settings)
        or _unknown_peer(arrival)
        or _wrong_method(arrival)
        or (_foreign_change(arrival) if arrival.method == "POST" else _foreign_read(arrival))
    )


def _misdirected(arrival: Arrival, settings: PagesSettings) -> Problem | None:
    on_id, on_app = arrival.host == settings.id_host, settings.is_app_host(arrival.host)
    if not on_id and not on_app:
        return Problem(status=421, reason=Reason.of("pageWrongHost"))
    reserved = arrival.path.startswith(APP_HOST_PATH)
    if (on_app and not reserved) or (on_id and reserved and not arrival.path.startswith(ASSET_PATH)):
        return Problem(status=404, reason=Reason.of("pageNotFound"))
    return None


def _unknown_peer(arrival: Arrival) -> Problem | None:
    if arrival.visitor("") is None:
        return Problem(status=400, reason=Reason.of("pagePeerUnknown"))
    return None


def _wrong_method(arrival: Arrival) -> Problem | None:
    return None if arrival.method in METHODS else Problem(status=405, reason=Reason.of("pageMethod"))


def _foreign_change(arrival: Arrival) -> Problem | None:
    """Apps are same-site with us and hostile, so SameSite cookies do not protect: the origin itself must be ours."""
    if arrival.path.startswith(PROGRAMS_PATH) and not (arrival.origin or arrival.fetch_site or arrival.cookie):
        return None
    own_site, own_origin = arrival.fetch_site == "same-origin", arrival.origin == f"https://{arrival.host}"
    return (
        None
        if (own_site if arrival.fetch_site else own_origin)
        else Problem(status=403, reason=Reason.of("pageForeignOrigin"))
    )


def _foreign_read(arrival: Arrival) -> Problem | None:
    """Another origin may link to us and nothing else (Fetch Metadata resource isolation)."""
    if arrival.fetch_site in ("", "same-origin", "none"):
        return None
    if arrival.fetch_mode == "navigate" and arrival.fetch_dest in ("document", ""):
        return None
    return Problem(status=403, reason=Reason.of("pageForeignOrigin"))

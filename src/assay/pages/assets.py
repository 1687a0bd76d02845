"""The style sheet, the passkey script and the icon: read once, named by their content, kept by browsers for a year."""

from base64 import b32encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from assay.values import Value

# Under the prefix that is reserved on every host, so that an error page on an app's host looks the same.
ASSET_PATH: Final = "/.assay/assets/"
ASSET_CACHING: Final = "public, max-age=31536000, immutable"

_FOLDER = Path(__file__).parent / "assets"
_TYPES = {
    "pages.css": "text/css; charset=utf-8",
    "passkey.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class Asset(Value, frozen=True, kw_only=True):
    """One file; `address` changes with its content."""

    address: str
    content: bytes
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """All files by their plain name."""
    return {name: _read(name, content_type) for name, content_type in _TYPES.items()}


def asset_at(address: str) -> Asset | None:
    """The file at exactly this address of this release."""
    return next((asset for asset in assets().values() if asset.address == address), None)


def _read(name: str, content_type: str) -> Asset:
    content = (_FOLDER / name).read_bytes()
    digest = b32encode(sha256(content).digest()[:10]).decode().lower()
    stem, _, extension = name.partition(".")
    return Asset(address=f"{ASSET_PATH}{stem}.{digest}.{extension}", content=content, content_type=content_type)

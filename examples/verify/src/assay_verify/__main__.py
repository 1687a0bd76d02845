"""Run the app: `assay-verify --listen unix:/path --audience https://verify.example.com …`."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from assay_verify.app import create_app
from assay_verify.assertion import Verifier
from assay_verify.keys import PublishedKeys


def main() -> None:
    """Listen until told to stop."""
    options = _parser().parse_args()
    audience = options.audience.rstrip("/")
    keys = PublishedKeys(
        options.keys or f"{audience}/.assay/jwks.json", connect_to=options.connect_to, ca_file=options.ca
    )
    app = create_app(Verifier(keys, issuer=options.issuer or issuer_beside(audience), audience=audience))
    kind, _, path = options.listen.partition(":")
    host, _, port = options.listen.rpartition(":")
    uvicorn.run(
        app,
        uds=path if kind == "unix" else None,
        host=host.strip("[]") or "127.0.0.1",
        port=0 if kind == "unix" else int(port),
        proxy_headers=False,  # what the app shows must be what it was sent
        ws="websockets-sansio",
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


def issuer_beside(audience: str) -> str:
    """The issuer that goes with an app's origin: `id.` in place of the app's own label."""
    parts = urlsplit(audience)
    return f"{parts.scheme}://id.{parts.netloc.partition('.')[2]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="assay-verify", description="Shows what an app behind Assay receives.")
    parser.add_argument("--listen", required=True, help="unix:/path or 127.0.0.1:PORT")
    parser.add_argument("--audience", required=True, help="this app's own origin, https://verify.example.com")
    parser.add_argument("--issuer", default="", help="Assay's origin; the app's with the label id, if not given")
    parser.add_argument("--keys", default="", help="the JWK set; /.assay/jwks.json of this app's origin, if not given")
    parser.add_argument("--ca", type=Path, help="the certificate authority to trust for the keys (PEM)")
    parser.add_argument("--connect-to", default="", metavar="IP:PORT", help="where the keys' host really listens")
    return parser


if __name__ == "__main__":
    main()

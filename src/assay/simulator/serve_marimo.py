"""Run as a program: serve a marimo notebook on a unix socket, which marimo's own command cannot."""

import sys
from pathlib import Path

import marimo
import uvicorn


def main(notebook: Path, socket: Path) -> None:
    """Listen until told to stop."""
    app = marimo.create_asgi_app(quiet=True, include_code=True).with_app(path="/", root=str(notebook)).build()
    uvicorn.run(
        app,
        uds=str(socket),
        ws="websockets-sansio",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

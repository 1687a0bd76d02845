"""Serve a directory's files on a unix socket, with ranges: `python -m assay_verify.files DIRECTORY SOCKET`."""

import argparse

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles


def main() -> None:
    """Listen until told to stop."""
    parser = argparse.ArgumentParser(prog="assay_verify.files", description="A directory, read-only, as an app.")
    parser.add_argument("directory", help="its index.html is the start page")
    parser.add_argument("socket", help="the unix socket to listen on")
    options = parser.parse_args()
    app = Starlette(routes=[Mount("/", StaticFiles(directory=options.directory, html=True))])
    uvicorn.run(app, uds=options.socket, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()

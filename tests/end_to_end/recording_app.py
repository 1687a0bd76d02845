"""An app on a TCP port that keeps what it was asked, and streams for as long as anybody listens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RecordingApp:
    """`asked`: the method and path of each request, in order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                app.asked.append((self.command, self.path))
                self.rfile.read(int(self.headers.get("content-length", "0")))
                if self.path == "/stream":
                    self._stream()
                    return
                body = b"<!doctype html><title>app</title>app"
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                # What a careless app says; the gateway knows better.
                self.send_header("access-control-allow-origin", self.headers.get("origin", "*"))
                self.send_header("access-control-allow-credentials", "true")
                self.end_headers()
                self.wfile.write(body)

            def _stream(self) -> None:
                self.send_response(200)
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                try:
                    while not app.stopped.wait(0.02):
                        self.wfile.write(b"5\r\nchunk\r\n")
                        self.wfile.flush()
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_OPTIONS = handle_any  # noqa: N815 - the names that http.server calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                del format, args

        self.stopped = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def recording_app() -> Iterator[RecordingApp]:
    """A running app."""
    app = RecordingApp()
    thread = threading.Thread(target=app.server.serve_forever, daemon=True)
    thread.start()
    yield app
    app.stopped.set()
    app.server.shutdown()
    app.server.server_close()
    thread.join(30)

"""A proxy that refuses everything, and remembers what it was asked for."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RecordingProxy:
    """`requests` are the first lines of those that came."""

    url: str
    requests: list[str] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """The variables that name it, for every scheme and with no exception."""
        schemes = [f"{scheme}_proxy" for scheme in ("http", "https", "all")]
        return {name: self.url for scheme in schemes for name in (scheme, scheme.upper())} | {
            "no_proxy": "",
            "NO_PROXY": "",
        }


@contextmanager
def recording_proxy() -> Iterator[RecordingProxy]:
    """A proxy on a free port while the context lasts."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            if line := self.rfile.readline():
                requests.append(line.decode(errors="replace"))
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            self.close_connection = True

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield RecordingProxy(f"http://127.0.0.1:{server.server_port}", requests)
        server.shutdown()
        thread.join()

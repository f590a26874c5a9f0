"""Addresses on the loopback interface, the only one that a local stage listens on."""

import socket
from typing import Any

from aiohttp import web


def listening_socket(port: int = 0) -> socket.socket:
    """A socket that listens on 127.0.0.1; port 0 takes a free one. `OSError` when the port is in use.

    It listens at once: of two that start together, the second is told so before it has done anything.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        bound.listen()
    except OSError:
        bound.close()
        raise
    return bound


class LoopbackServer:
    """An application at an address that is known before it starts; it is served from `start` to `close`.

    Args:
        bound: the socket to listen on; without one, a free port is used.
        shutdown_seconds: how long `close` waits for requests in progress.
        runner: further arguments of aiohttp's `AppRunner`.
    """

    def __init__(
        self,
        application: web.Application,
        bound: socket.socket | None = None,
        *,
        shutdown_seconds: float = 0.1,
        **runner: Any,
    ) -> None:
        self._socket = bound or listening_socket()
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=shutdown_seconds, **runner
        )
        host, port = self._socket.getsockname()
        self.authority = f"{host}:{port}"
        self.url = f"http://{self.authority}"

    async def start(self) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def close(self) -> None:
        """Closes the server; also one that was never started."""
        await self._runner.cleanup()
        self._socket.close()

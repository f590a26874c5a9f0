"""What stands behind an endpoint that misbehaves, in place of the project's own server, which does not."""

import asyncio
import threading
from dataclasses import dataclass, replace

from aiohttp import web

from processes.loopback import listening_socket

_LONGEST_HELD_SECONDS = 60  # of a test that fails


@dataclass(frozen=True, kw_only=True)
class ModelServer:
    """Answers every invocation with `status` and `body`; to the runtime it looks like an endpoint.

    It does not answer before `held_until` is set.
    """

    name: str
    status: int = 200
    body: bytes = b""
    held_until: threading.Event | None = None
    variant: str = "AllTraffic"
    max_concurrency: int | None = None
    url: str = ""

    async def start(self) -> tuple["ModelServer", web.AppRunner]:
        """Serves on a free port; the runner's `cleanup` ends it."""

        async def invoke(request: web.Request) -> web.Response:
            await request.read()
            if self.held_until is not None:
                await asyncio.to_thread(self.held_until.wait, _LONGEST_HELD_SECONDS)
            return web.Response(status=self.status, body=self.body, content_type="application/json")

        application = web.Application(client_max_size=10_000_000)
        application.router.add_post("/invocations", invoke)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        socket = listening_socket()
        await web.SockSite(runner, socket).start()
        url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        return replace(self, url=url), runner

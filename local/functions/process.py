"""One process of a function under AWS's Runtime Interface Client, with its own Runtime API.

The process asks for its next call, answers it, and asks again: one call at a time. See
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
"""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from processes.child import Child
from processes.loopback import LoopbackServer

RESPONSE_LIMIT_BYTES = 6_291_556  # Lambda's synchronous response: 6 MB and 100 bytes
_INIT_LIMIT_SECONDS = 10.0
_MEMORY_POLL_SECONDS = 0.05
_LONGEST_LOG_LINE = 262_144  # CloudWatch's event size


class FunctionError(Exception):
    """The function gave no answer: it raised, crashed, ran out of time or of memory.

    Attributes:
        type: Lambda's name for the error, or the exception's class.
        fatal: the process cannot be used again.
    """

    def __init__(self, error_type: str, message: str, *, fatal: bool) -> None:
        super().__init__(f"{error_type}: {message}")
        self.type = error_type
        self.fatal = fatal


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """What a function's process is started with; seconds and MB from the function's configuration."""

    command: Sequence[str]
    arn: str
    directory: Path
    environment: Mapping[str, str]
    timeout_seconds: float
    memory_mb: int


class FunctionProcess:
    """A process that is initialised once and then answers calls, until it fails or is stopped."""

    def __init__(self, settings: ProcessSettings, directory: Path, stream: str, log: Callable[[str], None]) -> None:
        self.stream = stream
        self._settings = settings
        self._directory = directory
        self._log = log
        self._events: asyncio.Queue[tuple[str, float, bytes]] = asyncio.Queue()
        self._answer: asyncio.Future[bytes] | None = None
        self._idle = asyncio.Event()
        self._init_error: FunctionError | None = None
        # A process that ends while it waits for its next call leaves a pending request, which is ended with it.
        self._runtime_api = LoopbackServer(self._runtime_application(), handler_cancellation=True)
        self._child: Child | None = None
        self._reader: asyncio.Task[None] | None = None
        self._exit: asyncio.Task[int] | None = None
        self._peak_memory_mb = 0.0
        self.init_seconds = 0.0

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.returncode is None

    def _running_child(self) -> Child:
        if self._child is None:
            raise RuntimeError("the function's process was not started")
        return self._child

    async def start(self) -> None:
        """Starts the process and waits until it asks for its first call; `FunctionError` if it never does."""
        started = time.perf_counter()
        await self._runtime_api.start()
        self._directory.mkdir(parents=True)
        self._child = await Child.start(
            self._settings.command,
            env={
                **self._settings.environment,
                "AWS_LAMBDA_RUNTIME_API": self._runtime_api.authority,
                "TMPDIR": str(self._directory),
                "HOME": str(self._directory),
            },
            cwd=self._settings.directory,
            output=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read_output(self._child))
        self._exit = asyncio.create_task(self._child.wait())
        ready = asyncio.create_task(self._idle.wait())
        limit = max(_INIT_LIMIT_SECONDS, self._settings.timeout_seconds)
        await asyncio.wait({ready, self._exit}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self._idle.is_set():
            error = self._init_error or self._no_init(limit)
            await self.stop()
            raise error
        self.init_seconds = time.perf_counter() - started

    def _no_init(self, limit: float) -> FunctionError:
        if self.alive:
            return FunctionError("Sandbox.Timedout", f"Init timed out after {limit:.2f} seconds", fatal=True)
        code = self._running_child().returncode
        return FunctionError("Runtime.ExitError", f"Runtime exited with status {code}", fatal=True)

    async def call(self, request_id: str, event: bytes) -> bytes:
        """The function's answer to one event. `FunctionError` if there is none."""
        timeout = self._settings.timeout_seconds
        self._answer = asyncio.get_running_loop().create_future()
        self._idle.clear()
        self._events.put_nowait((request_id, time.time() + timeout, event))
        deadline = time.monotonic() + timeout
        while not self._answer.done() and self.alive:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._killed("Sandbox.Timedout", f"Task timed out after {timeout:.2f} seconds")
            exited = self._exit
            waited = {self._answer, exited} if exited else {self._answer}
            await asyncio.wait(waited, timeout=min(left, _MEMORY_POLL_SECONDS), return_when=asyncio.FIRST_COMPLETED)
            if self.peak_memory_mb() > self._settings.memory_mb:
                raise self._killed("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
        if not self._answer.done():
            code = self._running_child().returncode
            raise FunctionError("Runtime.ExitError", f"Runtime exited with status {code}", fatal=True)
        return self._answer.result()

    def _killed(self, error_type: str, message: str) -> FunctionError:
        self._running_child().kill()
        return FunctionError(error_type, message, fatal=True)

    def peak_memory_mb(self) -> float:
        """The peak resident memory so far. The kernel tracks it, so that no short peak is missed."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{self._running_child().pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self._peak_memory_mb = int(line.split()[1]) / 1024
        return self._peak_memory_mb

    async def stop(self) -> None:
        """Ends the process, its log and its Runtime API."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait()
        if self._reader is not None:
            await self._reader
        await self._runtime_api.close()

    async def _read_output(self, child: Child) -> None:
        pending = b""
        while chunk := await child.stdout.read(65_536):
            *lines, pending = (pending + chunk).split(b"\n")
            if len(pending) > _LONGEST_LOG_LINE:
                lines, pending = [*lines, pending], b""
            for line in lines:
                self._log(line.decode(errors="replace"))
        if pending:
            self._log(pending.decode(errors="replace"))

    def _runtime_application(self) -> web.Application:
        application = web.Application(client_max_size=RESPONSE_LIMIT_BYTES + 65_536)
        prefix = "/2018-06-01/runtime"
        application.add_routes(
            [
                web.get(f"{prefix}/invocation/next", self._next),
                web.post(f"{prefix}/invocation/{{request_id}}/response", self._response),
                web.post(f"{prefix}/invocation/{{request_id}}/error", self._error),
                web.post(f"{prefix}/init/error", self._init_failed),
            ]
        )
        return application

    async def _next(self, _: web.Request) -> web.Response:
        self._idle.set()
        request_id, deadline, event = await self._events.get()
        # awslambdaric crashes on an answer without Content-Type or trace identifier.
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self._settings.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Sampled=0",
        }
        return web.Response(body=event, headers=headers)

    async def _response(self, request: web.Request) -> web.Response:
        try:
            answer = await request.read()
        except web.HTTPRequestEntityTooLarge:
            answer = b""
        if self._answer is not None and not self._answer.done():
            if 0 < len(answer) <= RESPONSE_LIMIT_BYTES:
                self._answer.set_result(answer)
            else:
                message = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT_BYTES} bytes)."
                self._answer.set_exception(FunctionError("Function.ResponseSizeTooLarge", message, fatal=False))
        return web.Response(status=202)

    async def _error(self, request: web.Request) -> web.Response:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(_reported(json.loads(await request.text()), fatal=False))
        return web.Response(status=202)

    async def _init_failed(self, request: web.Request) -> web.Response:
        self._init_error = _reported(json.loads(await request.text()), fatal=True)
        return web.Response(status=202)


def _reported(report: Mapping[str, Any], *, fatal: bool) -> FunctionError:
    message = str(report.get("errorMessage", json.dumps(report)))
    return FunctionError(str(report.get("errorType", "Unhandled")), message, fatal=fatal)

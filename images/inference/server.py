"""The HTTP server: `GET /ping` and `POST /invocations`, from before the model is loaded until the last answer is sent.

The event loop only moves bytes. One worker thread processes a request from its body to its rooms, everything except the
forward pass on one core: decoding the next plan during a forward pass on all cores would only slow that down. A large
image, or one that may take long to decode, is first decoded in a separate thread, so that others can be processed in
the meantime, and at most two decoded plans are in memory.
Requests wait in a queue; one that would wait too long is refused with Retry-After (`admission`).
"""

import asyncio
import json
import logging
import signal
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from images.inference import contract, decoding, detector, payload
from images.inference.admission import Admission
from images.inference.detector import Answer, Detector, Prepared
from images.inference.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    RequestError,
    RequestTimeoutError,
    UnavailableError,
)
from images.inference.settings import Settings
from pictures.file import PictureFile

LOGGER = logging.getLogger("images.inference")

# Time for requests that are on the wire when the listening socket closes to reach their handlers.
ARRIVAL_SECONDS = 0.25
# Time that aiohttp then waits for connections to close; it may wait twice (for a handler, then for its cancellation).
CLOSE_TIMEOUT_SECONDS = 2.0

# Initial guess of processing times: high, so that a burst at the start is not accepted as if it cost nothing.
_PLAN_SECONDS = 0.1
_LARGE_IMAGE_SECONDS = 0.3

_RETRY_AFTER_SECONDS = 5


@dataclass
class RequestLog:
    """The fields of a request's log line, in addition to its status."""

    request_id: str
    fields: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def duration(self, name: str) -> Iterator[None]:
        """Adds the duration of the block in milliseconds as `<name>_ms`, also if it fails."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.fields[f"{name}_ms"] = round((time.perf_counter() - started) * 1000, 2)


REQUEST_LOG: Final = web.RequestKey("request_log", RequestLog)


class InferenceServer:
    """The state behind the two routes: the detector, the threads, the requests in progress."""

    def __init__(self, settings: Settings, cores: int) -> None:
        self._settings = settings
        self._cores = cores
        self._detector: Detector | None = None
        self._admission = Admission(_PLAN_SECONDS)
        self._large_admission = Admission(_LARGE_IMAGE_SECONDS)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="worker")
        self._large = ThreadPoolExecutor(1, thread_name_prefix="large")
        self._under_way: set[asyncio.Task[Any]] = set()
        self._draining = False

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self._answer])
        application.router.add_get(contract.PING_PATH, self._ping)
        application.router.add_get(contract.EXECUTION_PARAMETERS_PATH, self._execution_parameters)
        application.router.add_post(contract.INVOCATIONS_PATH, self._invocations)
        return application

    async def load(self) -> None:
        """Loads and warms up the detector in a thread; after that, `/ping` answers 200.

        Raises:
            ModelError: the weights cannot be served.
        """
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        loaded = await loop.run_in_executor(self._worker, Detector, self._settings, self._cores)
        self._detector = loaded
        LOGGER.info(
            "ready",
            extra={
                "fields": {
                    "model_path": str(self._settings.model_path),
                    "precision": loaded.precision,
                    "precision_reason": loaded.precision_reason,
                    "views": self._settings.views,
                    "cores": self._cores,
                    "load_ms": round((time.perf_counter() - started) * 1000, 2),
                }
            },
        )

    async def drain(self) -> None:
        """Waits at most DRAIN_TIMEOUT_SECONDS until the requests in progress are answered; then connections close."""
        self._draining = True
        deadline = time.monotonic() + contract.DRAIN_TIMEOUT_SECONDS
        await asyncio.sleep(ARRIVAL_SECONDS)
        while self._under_way and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(self._under_way, timeout=left)
        if self._under_way:
            LOGGER.warning("abandoned requests", extra={"fields": {"count": len(self._under_way)}})

    def close(self) -> None:
        """Lets the threads end after their current work."""
        for threads in (self._worker, self._large):
            threads.shutdown(wait=False, cancel_futures=True)

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response(status=503 if self._detector is None else 200)

    async def _execution_parameters(self, _request: web.Request) -> web.Response:
        """How Batch Transform should send plans: one per request, and enough at once that one is always waiting."""
        return web.json_response(
            {
                "MaxConcurrentTransforms": min(2 * self._cores, contract.MOST_BATCH_TRANSFORMS),
                "BatchStrategy": "SINGLE_RECORD",
                "MaxPayloadInMB": contract.BATCH_PAYLOAD_MB,
            }
        )

    async def _invocations(self, request: web.Request) -> web.Response:
        loaded = self._detector
        if loaded is None:
            raise UnavailableError("the model is still being loaded: ask again when GET /ping says 200")
        payload.check_media_type(request.content_type)
        length = request.content_length
        if length is not None and length > contract.MAX_BODY_BYTES:
            raise PayloadTooLargeError(payload.BODY_TOO_LARGE)
        if length is None or "Content-Encoding" in request.headers:  # its size is not known yet
            length = contract.MAX_BODY_BYTES
        with self._admission.place(length):
            return web.json_response(await self._rooms(request, loaded))

    async def _rooms(self, request: web.Request, loaded: Detector) -> Answer:
        log = request[REQUEST_LOG]
        with log.duration("read"):
            body = await _read_body(request)
        log.fields["bytes"] = len(body)
        loop = asyncio.get_running_loop()
        opened = await loop.run_in_executor(
            self._worker, _open, body, request.headers.get("Content-Encoding"), request.content_type, log
        )
        del body  # a waiting request keeps only its image in memory
        # Decoding in a separate process may take as long as its time limit.
        if opened.width * opened.height > contract.LARGE_IMAGE_PX or not opened.structure.quick:
            with self._large_admission.place(0):  # its bytes are already counted
                plan = await loop.run_in_executor(self._large, self._prepare_large, opened, log)
            return await loop.run_in_executor(self._worker, self._detect, loaded, plan, log)
        return await loop.run_in_executor(self._worker, self._prepare_and_detect, loaded, opened, log)

    def _prepare_large(self, opened: PictureFile, log: RequestLog) -> Prepared:
        started = time.perf_counter()
        try:
            return _prepare(opened, log)
        finally:
            self._large_admission.worked(time.perf_counter() - started)

    def _prepare_and_detect(self, loaded: Detector, opened: PictureFile, log: RequestLog) -> Answer:
        started = time.perf_counter()
        answer = self._detect(loaded, _prepare(opened, log), log)
        self._admission.worked(time.perf_counter() - started)
        return answer

    def _detect(self, loaded: Detector, plan: Prepared, log: RequestLog) -> Answer:
        with log.duration("forward"):
            output = loaded.output(plan)
        with log.duration("select"):
            answer = loaded.answer(output, plan)
        log.fields["rooms"] = len(answer["rooms"])
        return answer

    @web.middleware
    async def _answer(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Turns every failure into the common error format, and logs one line per request, except successful pings."""
        self._track_current_request()
        log = RequestLog(request.headers.get(contract.INFERENCE_ID_HEADER) or str(uuid.uuid4()))
        request[REQUEST_LOG] = log
        with log.duration("total"):
            response = await self._respond(request, handler, log)
        if self._draining:
            response.force_close()
        if request.path != contract.PING_PATH or response.status not in (200, 503):
            _log_request(request, response.status, log)
        return response

    async def _respond(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
        log: RequestLog,
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except RequestError as error:
            if error.__cause__ is not None:
                log.fields["cause"] = repr(error.__cause__)
            headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if isinstance(error, UnavailableError) else None
            return _error_response(error.status, error.code, str(error), log, headers)
        except web.HTTPNotFound:
            message = f"{request.path} is unknown: use {contract.PING_PATH} or {contract.INVOCATIONS_PATH}"
            return _error_response(404, "not_found", message, log)
        except web.HTTPMethodNotAllowed as error:
            allowed = ", ".join(sorted(error.allowed_methods))
            message = f"{request.method} is not allowed on {request.path}: use {allowed}"
            return _error_response(405, "method_not_allowed", message, log, {"Allow": allowed})
        except (asyncio.CancelledError, ConnectionError):
            # The client is gone, or the drain's time is up: nobody reads the answer, but the line is logged.
            _log_request(request, None, log)
            raise
        except Exception:
            LOGGER.exception("internal error", extra={"fields": {"request_id": log.request_id}})
            return _error_response(500, "internal_error", "the server failed: see its log for the reason", log)

    def _track_current_request(self) -> None:
        # aiohttp handles and answers each request in a task of its own, which ends when the answer is written.
        task = asyncio.current_task()
        if task is not None:
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)


def _as_one_line(record: logging.LogRecord) -> bool:
    """Logs malformed HTTP, which aiohttp answers itself, like other bad requests, without any of the bytes.

    aiohttp would log a stack trace and the unreadable data, up to the whole body.
    """
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, logging.getLevelName(logging.INFO)
        record.msg, record.args, record.exc_info = "request", (), None
        record.fields = {"status": error.code, "code": "invalid_request", "cause": error.message.partition(":")[0]}
    return True


HTTP_LOGGER = logging.getLogger("images.inference.http")
HTTP_LOGGER.addFilter(_as_one_line)


async def serve(settings: Settings, cores: int) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what was accepted and returns.

    Raises:
        ModelError: the weights cannot be served.
        OSError: the port is in use or not allowed.
    """
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    server = InferenceServer(settings, cores)
    # handler_cancellation: a client that has left no longer holds a place in the queues.
    # auto_decompress off: it would decompress in the event loop, even a body that was refused for its size.
    runner = web.AppRunner(
        server.application(),
        access_log=None,
        auto_decompress=False,
        logger=HTTP_LOGGER,
        handler_cancellation=True,
        shutdown_timeout=CLOSE_TIMEOUT_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.address, settings.port)
        await site.start()
        LOGGER.info("listening", extra={"fields": {"port": site.port}})
        await _run_until(stop, server)
        await site.stop()
        LOGGER.info("stopping")
        await server.drain()
    finally:
        await runner.cleanup()
        server.close()
    LOGGER.info("stopped")


async def _run_until(stop: asyncio.Event, server: InferenceServer) -> None:
    loading = asyncio.create_task(server.load())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            loading.result()
            await stopping
    finally:
        loading.cancel()
        stopping.cancel()


async def _read_body(request: web.Request) -> bytes:
    # Not `request.read()`: the request would keep the body in memory until it is answered.
    body = bytearray()
    try:
        async with asyncio.timeout(contract.BODY_TIMEOUT_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > contract.MAX_BODY_BYTES:
                    raise PayloadTooLargeError(payload.BODY_TOO_LARGE)
    except TimeoutError as error:
        raise RequestTimeoutError(f"the body did not arrive within {contract.BODY_TIMEOUT_SECONDS:g} s") from error
    except web.RequestPayloadError as error:
        raise InvalidRequestError("the body cannot be read: its transfer encoding is broken") from error
    return bytes(body)


def _open(body: bytes, encoding: str | None, media_type: str, log: RequestLog) -> PictureFile:
    with log.duration("open"):
        unpacked = payload.unpack(body, encoding)
        return decoding.open_image(payload.read_image_bytes(unpacked, media_type))


def _prepare(opened: PictureFile, log: RequestLog) -> Prepared:
    with log.duration("decode"):
        image = detector.decode(opened)
    with log.duration("letterbox"):
        plan = detector.letterboxed(image, opened)
    log.fields.update(image_width=plan.width, image_height=plan.height)
    return plan


def _error_response(
    status: int, code: str, message: str, log: RequestLog, headers: dict[str, str] | None = None
) -> web.Response:
    log.fields["code"] = code
    document = {"error": {"code": code, "message": message}, "request_id": log.request_id}
    return web.Response(status=status, text=json.dumps(document), content_type=contract.JSON_TYPE, headers=headers)


def _log_request(request: web.Request, status: int | None, log: RequestLog) -> None:
    fields = {"request_id": log.request_id, "method": request.method, "path": request.path, "status": status}
    LOGGER.info("request", extra={"fields": {**fields, "content_type": request.content_type, **log.fields}})

"""The SageMaker runtime's address: forwards an invocation to its endpoint's process, and answers the rest as AWS does.

Each call by a role is recorded with the time that the endpoint took for it.
"""

import time
import uuid
from typing import Any, Protocol

import aiohttp
from aiohttp import web

from local.calls import ABANDONED, Call, CallLog, conditions_of_every_call, signature_scope
from local.clients import ACCOUNT_ID, AwsClients
from local.processes import listening_socket

BODY_LIMIT_BYTES = 6_291_456  # InvokeEndpoint's
MODEL_TIMEOUT_SECONDS = 60.0  # a container that takes longer is given up
_FORWARDED = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes")


class ServedEndpoint(Protocol):
    """What the runtime needs to know of an endpoint."""

    @property
    def name(self) -> str: ...

    @property
    def variant(self) -> str: ...

    @property
    def url(self) -> str: ...


class SageMakerRuntime:
    """Serves `/endpoints/<name>/invocations` for the endpoints that were added to it."""

    def __init__(self, aws: AwsClients, calls: CallLog) -> None:
        self._aws = aws
        self._calls = calls
        self._endpoints: dict[str, ServedEndpoint] = {}
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self.address = ""

    def add(self, endpoint: ServedEndpoint) -> None:
        """Forwards to this endpoint from here on; it replaces one of the same name."""
        self._endpoints[endpoint.name] = endpoint

    def endpoint(self, name: str) -> ServedEndpoint:
        return self._endpoints[name]

    def remove(self, name: str) -> ServedEndpoint:
        """Forgets an endpoint, as if it were deleted."""
        return self._endpoints.pop(name)

    async def start(self) -> str:
        """Serves from here on; the URL for `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`."""
        timeout = aiohttp.ClientTimeout(total=MODEL_TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        application = web.Application(client_max_size=BODY_LIMIT_BYTES)
        application.router.add_post("/endpoints/{name}/invocations", self._invoke)
        application.router.add_route("*", "/{path:.*}", self._unknown)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.1, handle_signals=False, handler_cancellation=True
        )
        await self._runner.setup()
        socket = listening_socket()
        await web.SockSite(self._runner, socket).start()
        self.address = f"http://127.0.0.1:{socket.getsockname()[1]}"
        return self.address

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _unknown(self, request: web.Request) -> web.Response:
        return _error(404, "UnknownOperationException", f"{request.method} {request.path} is not served here")

    async def _invoke(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        scope = signature_scope(request.headers.get("Authorization"))
        role = self._aws.role_of(scope[0]) if scope else None
        if role is None:
            return _error(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        started, clock = time.time(), time.perf_counter()
        status = ABANDONED
        try:
            answer = await self._answer(name, request)
            status = answer.status
        finally:
            self._calls.append(
                Call(
                    started=started,
                    seconds=time.perf_counter() - clock,
                    role=role,
                    action="sagemaker:InvokeEndpoint",
                    resource=f"arn:aws:sagemaker:{self._aws.region}:{ACCOUNT_ID}:endpoint/{name}",
                    conditions=conditions_of_every_call(self._aws.region),
                    status=status,
                )
            )
        return answer

    async def _answer(self, name: str, request: web.Request) -> web.Response:
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return _error(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT_ID} not found.")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _error(400, "ValidationError", f"Request body exceeds the limit of {BODY_LIMIT_BYTES} bytes")
        headers = {header: request.headers[header] for header in _FORWARDED if header in request.headers}
        if self._session is None:
            raise RuntimeError("the SageMaker runtime was not started")
        try:
            async with self._session.post(f"{endpoint.url}/invocations", data=body, headers=headers) as answer:
                content = await answer.read()
        except TimeoutError:
            return _model_error(name, 0, "", "the model container did not answer in time")
        except aiohttp.ClientError as error:
            return _model_error(name, 0, "", f"the model container cannot be reached: {error}")
        if answer.status >= 400:
            return _model_error(name, answer.status, content.decode(errors="replace"), "see the endpoint's log")
        kept = {
            "Content-Type": answer.headers.get("Content-Type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": endpoint.variant,
        }
        return web.Response(body=content, headers={**kept, "x-amzn-RequestId": str(uuid.uuid4())})


def _model_error(name: str, status: int, message: str, advice: str) -> web.Response:
    side = "client" if 400 <= status < 500 else "server"
    said = f'Received {side} error ({status}) from primary with message "{message}": endpoint {name}, {advice}'
    details = {"OriginalStatusCode": status, "OriginalMessage": message, "LogStreamArn": ""}
    return _error(424, "ModelError", said, **details)


def _error(status: int, code: str, message: str, **details: Any) -> web.Response:
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    return web.json_response({"Message": message, **details}, status=status, headers=headers)

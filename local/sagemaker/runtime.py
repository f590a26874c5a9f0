"""The SageMaker runtime's address: forwards invocations to the endpoints' processes, answers the rest as AWS does.

Each call by a role is recorded with the time that the endpoint took for it.
"""

import uuid
from collections import Counter
from typing import Protocol

import aiohttp
from aiohttp import web

from local.account.calls import CallLog
from local.account.clients import ACCOUNT_ID, AwsClients
from local.account.data_plane import DataPlane, error_answer

BODY_LIMIT_BYTES = 6_291_456  # InvokeEndpoint's
# https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html
SERVERLESS_BODY_LIMIT_BYTES = 4_194_304
MODEL_TIMEOUT_SECONDS = 60.0  # a container that takes longer is given up
_FORWARDED = ("Content-Type", "Accept", "X-Amzn-SageMaker-Custom-Attributes")


class ServedEndpoint(Protocol):
    """The part of an endpoint that the runtime needs."""

    @property
    def name(self) -> str: ...

    @property
    def variant(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def max_concurrency(self) -> int | None:
        """The limit of a serverless endpoint; None for one with instances, where requests wait."""
        ...


class SageMakerRuntime:
    """Serves `/endpoints/<name>/invocations` for the added endpoints."""

    def __init__(self, aws: AwsClients, calls: CallLog) -> None:
        self._plane = DataPlane(
            aws,
            calls,
            self._answer,
            action="sagemaker:InvokeEndpoint",
            arn_service="sagemaker",
            arn_kind="endpoint/",
            path="/endpoints/{name}/invocations",
            body_limit_bytes=BODY_LIMIT_BYTES,
        )
        self._endpoints: dict[str, ServedEndpoint] = {}
        self._under_way: Counter[str] = Counter()
        self._session: aiohttp.ClientSession | None = None

    @property
    def address(self) -> str:
        """The URL for `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`, served from `start` on."""
        return self._plane.address

    def add(self, endpoint: ServedEndpoint) -> None:
        """Adds an endpoint; it replaces one of the same name."""
        self._endpoints[endpoint.name] = endpoint

    def endpoint(self, name: str) -> ServedEndpoint:
        return self._endpoints[name]

    def remove(self, name: str) -> ServedEndpoint:
        """Forgets an endpoint, as if it were deleted."""
        return self._endpoints.pop(name)

    async def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=MODEL_TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        await self._plane.start()

    async def close(self) -> None:
        await self._plane.close()
        if self._session is not None:
            await self._session.close()

    async def _answer(self, name: str, request: web.Request) -> web.Response:
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return error_answer(400, "ValidationError", f"Endpoint {name} of account {ACCOUNT_ID} not found.")
        most, limit = endpoint.max_concurrency, BODY_LIMIT_BYTES
        if most is not None:
            limit = SERVERLESS_BODY_LIMIT_BYTES
            if self._under_way[name] >= most:
                return error_answer(400, "ThrottlingException", f"{most} requests are running, and no more are allowed")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = None
        if body is None or len(body) > limit:
            return error_answer(400, "ValidationError", f"Request body exceeds the limit of {limit} bytes")
        self._under_way[name] += 1
        try:
            return await self._forward(endpoint, request, body)
        finally:
            self._under_way[name] -= 1

    async def _forward(self, endpoint: ServedEndpoint, request: web.Request, body: bytes) -> web.Response:
        name = endpoint.name
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
    return error_answer(424, "ModelError", said, **details)

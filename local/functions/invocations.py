"""Lambda's address for functions that call functions: runs invocations, and answers other requests as AWS does."""

import json
import uuid
from typing import Protocol

from aiohttp import web

from local.account.calls import CallLog
from local.account.clients import ACCOUNT_ID, AwsClients
from local.account.data_plane import DataPlane, error_answer
from local.functions.function import EVENT_LIMIT_BYTES, ThrottledError
from local.functions.process import FunctionError

_SYNCHRONOUS = "RequestResponse"


class InvokedFunction(Protocol):
    """The part of a function that an invocation needs."""

    @property
    def name(self) -> str: ...

    async def invoke(self, event: bytes) -> bytes:
        """The function's answer. Raises ThrottledError or FunctionError."""
        ...


class LambdaInvocations:
    """Serves `Invoke` (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html) for the functions added to it."""

    def __init__(self, aws: AwsClients, calls: CallLog) -> None:
        self._plane = DataPlane(
            aws,
            calls,
            self._answer,
            action="lambda:InvokeFunction",
            arn_service="lambda",
            arn_kind="function:",
            path="/2015-03-31/functions/{name}/invocations",
            body_limit_bytes=EVENT_LIMIT_BYTES,
        )
        self._functions: dict[str, InvokedFunction] = {}

    @property
    def address(self) -> str:
        """The URL for `AWS_ENDPOINT_URL_LAMBDA`, served from `start` on."""
        return self._plane.address

    def add(self, function: InvokedFunction) -> None:
        """Adds a function; it replaces one of the same name."""
        self._functions[function.name] = function

    def remove(self, name: str) -> InvokedFunction:
        """Forgets a function, as if it were deleted."""
        return self._functions.pop(name)

    async def start(self) -> None:
        await self._plane.start()

    async def close(self) -> None:
        await self._plane.close()

    async def _answer(self, name: str, request: web.Request) -> web.Response:
        function = self._functions.get(name)
        if function is None:
            said = f"Function {name} of account {ACCOUNT_ID} not found"
            return error_answer(404, "ResourceNotFoundException", said, Type="User")
        kind = request.headers.get("X-Amz-Invocation-Type", _SYNCHRONOUS)
        if kind != _SYNCHRONOUS:
            return error_answer(
                400,
                "InvalidParameterValueException",
                f"InvocationType {kind} is not supported here: use {_SYNCHRONOUS}",
            )
        try:
            event = await request.read()
        except web.HTTPRequestEntityTooLarge:
            said = f"Request must be smaller than {EVENT_LIMIT_BYTES} bytes for the InvokeFunction operation"
            return error_answer(413, "RequestTooLargeException", said, Type="User")
        headers = {"X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": str(uuid.uuid4())}
        try:
            answer = await function.invoke(event or b"{}")
        except ThrottledError as error:
            return error_answer(
                429, "TooManyRequestsException", str(error), Reason="ReservedFunctionConcurrentInvocationLimitExceeded"
            )
        except FunctionError as error:
            # An error also has status 200; a header marks it.
            answer = json.dumps({"errorType": error.type, "errorMessage": str(error)}).encode()
            headers["X-Amz-Function-Error"] = "Unhandled"
        return web.Response(body=answer, headers=headers, content_type="application/json")

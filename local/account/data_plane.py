"""An AWS service's address for the calls of roles: checks who may call, and records the calls.

Serves the calls that moto answers with canned bodies: `invoke_endpoint` and `lambda.invoke`.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local.account.calls import ABANDONED, Call, CallLog, conditions_of_every_call, signature_scope
from local.account.clients import ACCOUNT_ID, AwsClients
from processes.loopback import LoopbackServer


class DataPlane:
    """Serves one action on one kind of resource at an address of its own.

    Args:
        answer: answers every call of a role, given the resource's name and the request.
        action: its name in policies.
        arn_service, arn_kind: of the resources, `arn:aws:<arn_service>:<region>:<account>:<arn_kind><name>`.
        path: of a call, with `{name}` for the resource's.
        body_limit_bytes: of a call; a handler that reads a larger body gets `web.HTTPRequestEntityTooLarge`.
    """

    def __init__(
        self,
        aws: AwsClients,
        calls: CallLog,
        answer: Callable[[str, web.Request], Awaitable[web.Response]],
        *,
        action: str,
        arn_service: str,
        arn_kind: str,
        path: str,
        body_limit_bytes: int,
    ) -> None:
        self._aws = aws
        self._calls = calls
        self._action = action
        self._arn_prefix = f"arn:aws:{arn_service}:{aws.region}:{ACCOUNT_ID}:{arn_kind}"
        self._answer = answer
        application = web.Application(client_max_size=body_limit_bytes)
        application.router.add_post(path, self._recorded)
        application.router.add_route("*", "/{path:.*}", _unknown)
        self._server = LoopbackServer(application, handler_cancellation=True)
        self.address = self._server.url

    async def start(self) -> None:
        await self._server.start()

    async def close(self) -> None:
        await self._server.close()

    async def _recorded(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        scope = signature_scope(request.headers.get("Authorization"))
        role = self._aws.role_of(scope[0]) if scope else None
        if role is None:
            return error_answer(
                403, "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        started, clock = time.time(), time.perf_counter()
        status = ABANDONED
        try:
            response = await self._answer(name, request)
            status = response.status
        finally:
            self._calls.append(
                Call(
                    started=started,
                    seconds=time.perf_counter() - clock,
                    role=role,
                    action=self._action,
                    resource=f"{self._arn_prefix}{name}",
                    conditions=conditions_of_every_call(self._aws.region),
                    status=status,
                )
            )
        return response


async def _unknown(request: web.Request) -> web.Response:
    return error_answer(404, "UnknownOperationException", f"{request.method} {request.path} is not served here")


def error_answer(status: int, code: str, message: str, **details: Any) -> web.Response:
    """An error in the form of AWS's REST services."""
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    return web.json_response({"Message": message, **details}, status=status, headers=headers)

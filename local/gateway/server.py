"""The HTTP server of every deployed stage: `http://127.0.0.1:<port>/<stage>/...`."""

import asyncio
import json
import logging
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from local.account.clients import ACCOUNT_ID
from local.functions.function import EVENT_LIMIT_BYTES, Function, ThrottledError
from local.functions.process import FunctionError
from local.gateway.api import FunctionIntegration, Method, MockIntegration
from local.gateway.context import fill
from local.gateway.proxy import MalformedAnswerError, ProxyRequest, event, http_answer
from local.gateway.rejection import Answer, RejectionError, answer
from local.gateway.stage import Stage
from processes.loopback import LoopbackServer

BODY_LIMIT_BYTES = 10 * 1024 * 1024  # API Gateway's payload limit
_DEFAULT_CONTENT_TYPE = "application/json"

_IDENTITY_OF_SIGNED_REQUESTS = (
    *("accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType"),
    *("cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"),
)

Log = Callable[[Stage, str], None]


class _ClientMistakes(logging.Filter):
    """Input that is not HTTP is the client's fault, so it is one line in the log, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg, record.args, record.exc_info = "not HTTP: %s", (" ".join(error.message.split()),), None
        return True


_logger = logging.getLogger(__name__)
_logger.addFilter(_ClientMistakes())


@dataclass(kw_only=True)
class _Exchange:
    """A request in the gateway, with what is known about it so far."""

    request: web.Request
    stage: Stage
    path: str
    request_id: str
    started: float
    body: bytes = b""
    method: Method | None = None
    path_parameters: Mapping[str, str] | None = None
    api_key: str | None = None
    api_key_id: str | None = None
    integration_status: int | None = None
    integration_seconds: float | None = None
    error: RejectionError | None = None


class Gateway:
    """Serves `stages` on a bound socket, with `functions` (by ARN) behind them, from `start` to `close`.

    `log` takes one access log line at a time.
    """

    def __init__(
        self,
        bound: socket.socket,
        stages: Mapping[str, Stage],
        functions: Mapping[str, Function],
        *,
        log: Log,
        resource_ids: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self._stages = stages
        self._functions = functions
        self._log = log
        self._resource_ids = resource_ids or {}
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        # A compressed body is passed on unchanged: API Gateway unpacks bodies only if an API enables compression.
        self._server = LoopbackServer(application, bound, shutdown_seconds=1.0, logger=_logger, auto_decompress=False)

    async def start(self) -> None:
        await self._server.start()

    async def close(self) -> None:
        await self._server.close()

    async def _handle(self, request: web.Request) -> web.Response:
        stage_name, _, rest = request.path.lstrip("/").partition("/")
        stage = self._stages.get(stage_name)
        if stage is None:
            # Not an API's answer: AWS's own, for a host or a stage that does not exist.
            headers = {"x-amzn-ErrorType": "ForbiddenException", "x-amzn-RequestId": str(uuid.uuid4())}
            return web.json_response({"message": "Forbidden"}, status=403, headers=headers)
        exchange = _Exchange(
            request=request, stage=stage, path=f"/{rest}", request_id=str(uuid.uuid4()), started=time.time()
        )
        clock = time.perf_counter()
        try:
            result = await self._respond(exchange)
        except RejectionError as rejection:
            exchange.error = rejection
            result = answer(rejection, stage.api.gateway_responses, _variables(exchange))
        self._write_access_log(exchange, result, time.perf_counter() - clock)
        response = web.Response(status=result.status, body=result.body)
        for name, value in result.headers:
            if name.lower() == "content-type":
                response.headers[name] = value
            else:
                response.headers.add(name, value)
        response.headers["x-amzn-RequestId"] = exchange.request_id
        return response

    async def _respond(self, exchange: _Exchange) -> Answer:
        exchange.body = await _read_body(exchange.request)
        route = exchange.stage.api.route(exchange.path, exchange.request.method)
        if route is None:
            raise RejectionError("MISSING_AUTHENTICATION_TOKEN")
        exchange.method, exchange.path_parameters = route
        _check_key(exchange, exchange.method)
        throttle = exchange.stage.throttle(exchange.method)
        if throttle is not None and not throttle.take():
            raise RejectionError("THROTTLED")
        _check_parameters(exchange, exchange.method)
        _check_body(exchange, exchange.method)
        integration = exchange.method.integration
        if isinstance(integration, MockIntegration):
            headers = {"Content-Type": _DEFAULT_CONTENT_TYPE, **integration.headers}
            return Answer(status=integration.status, headers=list(headers.items()), body=integration.body.encode())
        return await self._invoke(exchange, exchange.method, integration)

    async def _invoke(self, exchange: _Exchange, method: Method, integration: FunctionIntegration) -> Answer:
        function = self._functions.get(integration.function_arn)
        if function is None or not exchange.stage.may_invoke(integration.function_arn, method, exchange.path):
            detail = f"Invalid permissions on Lambda function {integration.function_arn}"
            raise RejectionError("API_CONFIGURATION_ERROR", detail=detail)
        binary_types = exchange.stage.api.binary_types
        described = event(self._proxy_request(exchange, method), binary_types)
        payload = json.dumps(described, ensure_ascii=False).encode(errors="replace")  # a header need not be UTF-8
        if len(payload) > EVENT_LIMIT_BYTES:
            raise RejectionError("REQUEST_TOO_LARGE", message="Request Entity Too Large")
        clock = time.perf_counter()
        try:
            async with asyncio.timeout(integration.timeout_seconds):
                result = await function.invoke(payload)
            exchange.integration_status = 200  # Lambda's, whatever the function answers
        except TimeoutError as error:
            raise RejectionError("INTEGRATION_TIMEOUT") from error
        except ThrottledError as error:
            raise RejectionError("API_CONFIGURATION_ERROR", detail="Rate Exceeded.") from error
        except FunctionError as error:
            detail = f"Lambda execution failed due to customer function error: {error}"
            raise RejectionError("DEFAULT_5XX", status=502, detail=detail) from error
        finally:
            exchange.integration_seconds = time.perf_counter() - clock
        try:
            return http_answer(result, exchange.request.headers.get("Accept", ""), binary_types)
        except MalformedAnswerError as error:
            detail = f"Malformed Lambda proxy response: {error}"
            raise RejectionError("DEFAULT_5XX", status=502, detail=detail) from error

    def _proxy_request(self, exchange: _Exchange, method: Method) -> ProxyRequest:
        request = exchange.request
        port = str(request.url.port)
        forwarded = {
            "X-Forwarded-For": request.remote or "",
            "X-Forwarded-Port": port,
            "X-Forwarded-Proto": request.scheme,
        }
        return ProxyRequest(
            http_method=request.method,
            path=exchange.path,
            resource=method.resource,
            headers=[*request.headers.items(), *forwarded.items()],
            query=list(request.query.items()),
            path_parameters=exchange.path_parameters or {},
            stage_variables=exchange.stage.variables,
            request_context=self._request_context(exchange, method),
            body=exchange.body,
        )

    def _request_context(self, exchange: _Exchange, method: Method) -> dict[str, Any]:
        request, stage = exchange.request, exchange.stage
        return {
            "accountId": ACCOUNT_ID,
            "apiId": stage.api_id,
            "deploymentId": stage.deployment_id,
            "domainName": request.host,
            "domainPrefix": request.host.partition(".")[0].partition(":")[0],
            "extendedRequestId": exchange.request_id,
            "httpMethod": request.method,
            "identity": _identity(exchange),
            "path": f"/{stage.name}{exchange.path}",
            "protocol": f"HTTP/{request.version.major}.{request.version.minor}",
            "requestId": exchange.request_id,
            "requestTime": _request_time(exchange),
            "requestTimeEpoch": int(exchange.started * 1000),
            "resourceId": self._resource_ids.get((stage.api_id, method.resource), ""),
            "resourcePath": method.resource,
            "stage": stage.name,
        }

    def _write_access_log(self, exchange: _Exchange, result: Answer, seconds: float) -> None:
        if not exchange.stage.access_log_format:
            return
        latency = exchange.integration_seconds
        variables = {
            **_variables(exchange),
            "status": result.status,
            "responseLength": len(result.body),
            "responseLatency": round(seconds * 1000),
            "integrationLatency": None if latency is None else round(latency * 1000),
            "integration.latency": None if latency is None else round(latency * 1000),
        }
        self._log(exchange.stage, fill(exchange.stage.access_log_format, variables, "-"))


async def _read_body(request: web.Request) -> bytes:
    if (request.content_length or 0) > BODY_LIMIT_BYTES:
        raise RejectionError("REQUEST_TOO_LARGE")
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > BODY_LIMIT_BYTES:
                raise RejectionError("REQUEST_TOO_LARGE")
    except (ConnectionError, web.RequestPayloadError) as error:
        raise RejectionError("BAD_REQUEST_BODY", detail="The body did not arrive whole") from error
    return bytes(body)


def _check_key(exchange: _Exchange, method: Method) -> None:
    if not method.needs_key:
        return
    key = exchange.request.headers.get("x-api-key", "")
    plan = exchange.stage.plans.get(key)
    if plan is None:
        raise RejectionError("INVALID_API_KEY")
    exchange.api_key, exchange.api_key_id = key, plan.key_id
    if plan.throttle is not None and not plan.throttle.take():
        raise RejectionError("THROTTLED")
    if plan.quota is not None and not plan.quota.take():
        raise RejectionError("QUOTA_EXCEEDED")


def _check_parameters(exchange: _Exchange, method: Method) -> None:
    """A required parameter must be there and not blank; API Gateway does not check its form."""
    request = exchange.request
    given: dict[str, Mapping[str, str]] = {
        "query": request.query,
        "header": request.headers,
        "path": exchange.path_parameters or {},
    }
    missing = [p.name for p in method.required_parameters if not given.get(p.location, {}).get(p.name, "").strip()]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise RejectionError("BAD_REQUEST_PARAMETERS", message=message)


def _check_body(exchange: _Exchange, method: Method) -> None:
    """Validated against the model of its content type, else against `$default`; a type without a model passes."""
    if not method.validates_body:
        return
    content_type = exchange.request.headers.get("Content-Type", _DEFAULT_CONTENT_TYPE).partition(";")[0].strip().lower()
    model = method.models.get(content_type, method.models.get("$default"))
    if model is None:
        return
    try:
        document = json.loads(exchange.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise RejectionError("BAD_REQUEST_BODY", detail="Could not parse request body into json") from error
    invalid = next(iter(model.iter_errors(document)), None)
    if invalid is not None:
        raise RejectionError("BAD_REQUEST_BODY", detail=f"[{invalid.validator} at {invalid.json_path}]")


def _request_time(exchange: _Exchange) -> str:
    return f"{datetime.fromtimestamp(exchange.started, UTC):%d/%b/%Y:%H:%M:%S +0000}"


def _identity(exchange: _Exchange) -> dict[str, Any]:
    absent = dict.fromkeys(_IDENTITY_OF_SIGNED_REQUESTS)
    own = {"sourceIp": exchange.request.remote, "userAgent": exchange.request.headers.get("User-Agent")}
    return {**absent, **own, **_key_identity(exchange)}


def _key_identity(exchange: _Exchange) -> dict[str, Any]:
    return {"apiKey": exchange.api_key, "apiKeyId": exchange.api_key_id} if exchange.api_key else {}


def _variables(exchange: _Exchange) -> dict[str, object]:
    request, stage, error = exchange.request, exchange.stage, exchange.error
    return {
        "accountId": ACCOUNT_ID,
        "apiId": stage.api_id,
        "deploymentId": stage.deployment_id,
        "domainName": request.host,
        "error.message": error.message if error else None,
        "error.messageString": json.dumps(error.message) if error else None,
        "error.responseType": error.type if error else None,
        "error.validationErrorString": error.detail if error else None,
        "extendedRequestId": exchange.request_id,
        "httpMethod": request.method,
        "identity.apiKey": exchange.api_key,
        "identity.apiKeyId": exchange.api_key_id,
        "identity.sourceIp": request.remote,
        "identity.userAgent": request.headers.get("User-Agent"),
        "integration.error": error.detail if error else None,
        "integration.status": exchange.integration_status,
        "integrationErrorMessage": error.detail if error else None,
        "integrationStatus": exchange.integration_status,
        "path": f"/{stage.name}{exchange.path}",
        "protocol": f"HTTP/{request.version.major}.{request.version.minor}",
        "requestId": exchange.request_id,
        "requestTime": _request_time(exchange),
        "requestTimeEpoch": int(exchange.started * 1000),
        "resourcePath": exchange.method.resource if exchange.method else None,
        "stage": stage.name,
    }

"""The API's contract, `runtime/openapi.yaml`, as the body of API Gateway's RestApi.

The contract describes what a client sees. This module adds what API Gateway needs: the integrations with the function,
the request validators, the answer to preflight requests, and the gateway's own errors in the API's error format.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CONTRACT_FILE = Path(__file__).resolve().parent.parent / "runtime" / "openapi.yaml"
# API Gateway's default and, without a quota increase, maximum timeout of an integration.
INTEGRATION_TIMEOUT_MS = 29_000
ALLOWED_HEADERS = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"
API_KEY_HEADER = "x-api-key"
# Headers of the gateway's answers that a page of another origin may read, as `runtime.gateway` has them.
EXPOSED_HEADERS = "Retry-After,x-amzn-RequestId"
# Seconds after which a refused caller may retry: throttling counts per second, quotas per day or longer.
_RETRY_AFTER_SECONDS = {"THROTTLED": 1, "QUOTA_EXCEEDED": 3600}
_METHODS = frozenset({"get", "put", "post", "delete", "head", "patch"})
_SHARED = ("responses", "headers")
_VALIDATOR = "body-and-parameters"

_ROUTES = "<routes>"  # the contract's routes, for messages

# API Gateway's own answers: response type -> (status, None for the gateway's default; code; message). The messages
# are static: `$context.error.validationErrorString` is not escaped for JSON.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_GATEWAY_ERRORS: Mapping[str, tuple[int | None, str, str]] = {
    "BAD_REQUEST_BODY": (
        400,
        "invalid_request",
        'This route does not accept the body: send {"image": "<base64>"} to /upload, '
        '{"blueprint_id": "<the UUID that /upload returned>"} to /process; '
        'for a page other than the first, add "page": 2 or another whole number.',
    ),
    "BAD_REQUEST_PARAMETERS": (
        400,
        "invalid_request",
        "A query parameter that this route needs is missing: send blueprint_id.",
    ),
    "INVALID_API_KEY": (
        403,
        "forbidden",
        f"The API key is missing or not valid: send a valid one in the header {API_KEY_HEADER}.",
    ),
    "ACCESS_DENIED": (403, "forbidden", "The caller may not use this route: ask for access."),
    # API Gateway's name for a route or method that does not exist.
    "MISSING_AUTHENTICATION_TOKEN": (
        404,
        "not_found",
        f"There is no such route: use {_ROUTES}.",
    ),
    "RESOURCE_NOT_FOUND": (
        404,
        "not_found",
        f"There is no such route: use {_ROUTES}.",
    ),
    "REQUEST_TOO_LARGE": (
        413,
        "payload_too_large",
        "The request, with its headers, is over 6 MB: send an image file of about 4.5 MB at most.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (
        415,
        "invalid_request",
        "The content type is not supported: send the header Content-Type: application/json.",
    ),
    "THROTTLED": (429, "too_many_requests", "Too many requests at once: send fewer, and try again in a second."),
    "QUOTA_EXCEEDED": (
        429,
        "too_many_requests",
        "The API key's quota is used up: try again when its period is over, or ask for a larger one.",
    ),
    "INTEGRATION_TIMEOUT": (
        504,
        "detector_timeout",
        "The request took too long: try again, and ask GET /status what became of the blueprint.",
    ),
    "INTEGRATION_FAILURE": (500, "internal_error", "The service did not answer: try again."),
    "API_CONFIGURATION_ERROR": (
        500,
        "internal_error",
        "The service is busy or not set up correctly: try again, and tell its operator if this continues.",
    ),
    "DEFAULT_4XX": (None, "invalid_request", "The API does not accept this request: see its documentation."),
    "DEFAULT_5XX": (None, "internal_error", "The service did not answer: try again."),
}


def read_contract(path: Path = CONTRACT_FILE) -> dict[str, Any]:
    """The OpenAPI document of the API."""
    # libyaml's loader: ten times as fast as PyYAML's own, in every run of the program.
    return yaml.load(path.read_text(), yaml.CSafeLoader)


def gateway_body(
    contract: Mapping[str, Any], *, title: str, invoke_arn: str, allowed_origin: str, api_keys: bool
) -> dict[str, Any]:
    """The contract, extended with everything that API Gateway needs to serve it.

    Args:
        contract: an OpenAPI 3.0 document; it is not changed.
        title: the API's name in AWS, which comes from the imported document.
        invoke_arn: the invocation ARN of the function that answers every route.
        allowed_origin: `*` or the only origin that may call from a browser.
        api_keys: whether every route requires a key.
    """
    body = _with_references_resolved(contract, contract["components"])
    # The API's address, and whether it requires a key, depend on the stage.
    for name in ("servers", "security"):
        body.pop(name, None)
    schemes = body["components"].pop("securitySchemes", {})
    body["info"] = {**body["info"], "title": title}
    body["x-amazon-apigateway-request-validators"] = {
        _VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
    }
    body["x-amazon-apigateway-request-validator"] = _VALIDATOR
    body["x-amazon-apigateway-gateway-responses"] = _gateway_responses(
        contract, _cors_headers(contract, allowed_origin)
    )
    if api_keys:
        body["components"]["securitySchemes"] = schemes
    for operation in _operations(body):
        operation["x-amazon-apigateway-integration"] = _function_integration(invoke_arn)
        if api_keys:
            operation["security"] = [{"apiKey": []}]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            # A body whose content type has no model is not validated: this model is for every other type.
            content["$default"] = content["application/json"]
    for path in body["paths"].values():
        path["options"] = _preflight(_cors_headers(contract, allowed_origin))
    return body


def _with_references_resolved(part: Any, components: Mapping[str, Any]) -> Any:
    """A copy with shared responses and headers inlined: the gateway imports only schemas."""
    if isinstance(part, list):
        return [_with_references_resolved(element, components) for element in part]
    if not isinstance(part, Mapping):
        return part
    kind, _, name = str(part.get("$ref", "")).removeprefix("#/components/").partition("/")
    if kind in _SHARED:
        return _with_references_resolved(components[kind][name], components)
    return {
        key: _with_references_resolved(value, components)
        for key, value in part.items()
        if not (part is components and key in _SHARED)
    }


def _operations(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in body["paths"].values():
        yield from (operation for method, operation in path.items() if method in _METHODS)


def _function_integration(invoke_arn: str) -> dict[str, Any]:
    return {
        "type": "aws_proxy",
        "httpMethod": "POST",  # Lambda's Invoke is a POST, whatever the route's method
        "uri": invoke_arn,
        "timeoutInMillis": INTEGRATION_TIMEOUT_MS,
    }


def _routes(contract: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Method and path of every route, in the contract's order."""
    paths = contract["paths"].items()
    return [(method.upper(), path) for path, operations in paths for method in operations if method in _METHODS]


def _cors_headers(contract: Mapping[str, Any], allowed_origin: str) -> dict[str, str]:
    methods = sorted({method for method, _ in _routes(contract)})
    return {
        "Access-Control-Allow-Origin": allowed_origin,
        "Access-Control-Allow-Methods": ",".join([*methods, "OPTIONS"]),
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
    }


def _preflight(headers: Mapping[str, str]) -> dict[str, Any]:
    """Answers a browser's preflight request in the gateway, without the function and without a key."""
    return {
        "summary": "Preflight request of a browser",
        "responses": {
            "204": {
                "description": "Who may call this route from a browser, and how.",
                "headers": {name: {"schema": {"type": "string"}} for name in headers},
            }
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": json.dumps({"statusCode": 204})},
            "passthroughBehavior": "never",  # another content type gets 415; passed through, it would end in 500
            "responses": {
                "default": {
                    "statusCode": "204",
                    "responseParameters": {
                        f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
                    },
                }
            },
        },
    }


def _gateway_responses(contract: Mapping[str, Any], cors_headers: Mapping[str, str]) -> dict[str, Any]:
    headers = {**cors_headers, "Access-Control-Expose-Headers": EXPOSED_HEADERS}
    *others, last = (f"{method} {path}" for method, path in _routes(contract))
    routes = f"{', '.join(others)} or {last}" if others else last
    responses: dict[str, Any] = {}
    for response_type, (status, code, message) in _GATEWAY_ERRORS.items():
        answer = {
            "error": {"code": code, "message": message.replace(_ROUTES, routes)},
            "request_id": "$context.requestId",
        }
        seconds = _RETRY_AFTER_SECONDS.get(response_type)
        sent = headers if seconds is None else {**headers, "Retry-After": str(seconds)}
        responses[response_type] = {
            **({"statusCode": str(status)} if status is not None else {}),
            "responseParameters": {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in sent.items()},
            "responseTemplates": {"application/json": json.dumps(answer)},
        }
    return responses

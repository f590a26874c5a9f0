"""Lambda proxy integration: from a request to the event (payload format 1.0), from a function's answer to HTTP.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from local.gateway.rejection import Answer

_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "keep-alive"}
_ANSWER_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


class MalformedAnswerError(Exception):
    """The function's answer does not have the form of a proxy response."""


@dataclass(frozen=True, kw_only=True)
class ProxyRequest:
    """The parts of a request that an event needs. `query` and `headers` keep repeated names in order."""

    http_method: str
    path: str
    resource: str
    headers: list[tuple[str, str]]
    query: list[tuple[str, str]]
    path_parameters: Mapping[str, str]
    stage_variables: Mapping[str, str] | None
    request_context: Mapping[str, Any]
    body: bytes


def event(request: ProxyRequest, binary_types: Iterable[str]) -> dict[str, Any]:
    """The event. A body of a binary type is base64, any other is text, with invalid UTF-8 replaced."""
    content_type = _last(request.headers, "content-type").partition(";")[0].strip()
    is_binary = bool(request.body) and _is_binary(content_type, binary_types)
    text = base64.b64encode(request.body).decode() if is_binary else request.body.decode(errors="replace")
    return {
        "resource": request.resource,
        "path": request.path,
        "httpMethod": request.http_method,
        "headers": dict(request.headers),
        "multiValueHeaders": _multi(request.headers),
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _multi(request.query) or None,
        "pathParameters": dict(request.path_parameters) or None,
        "stageVariables": request.stage_variables,
        "requestContext": request.request_context,
        "body": text or None,
        "isBase64Encoded": is_binary,
    }


def _multi(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _last(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in reversed(headers) if key.lower() == name), "")


def _is_binary(media_type: str, binary_types: Iterable[str]) -> bool:
    return any(fnmatchcase(media_type.lower(), pattern.lower()) for pattern in binary_types)


def http_answer(payload: bytes, accept: str, binary_types: Iterable[str]) -> Answer:
    """The HTTP answer that a function's payload describes. `MalformedAnswerError` if it is not one."""
    try:
        described = json.loads(payload)
    except ValueError as error:
        raise MalformedAnswerError("the answer is not JSON") from error
    if not isinstance(described, dict) or not described.keys() <= _ANSWER_KEYS:
        raise MalformedAnswerError(f"the answer must be an object with {', '.join(sorted(_ANSWER_KEYS))} only")
    status, body = described.get("statusCode"), described.get("body")
    if isinstance(status, bool) or not str(status).isdecimal() or not 100 <= int(str(status)) <= 599:
        raise MalformedAnswerError(f"statusCode {status!r} is not an HTTP status")
    if body is not None and not isinstance(body, str):
        raise MalformedAnswerError(f"body is of type {type(body).__name__}, not a string")
    decodes = bool(described.get("isBase64Encoded")) and _is_binary(accept.partition(",")[0].strip(), binary_types)
    headers = _headers(described)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    content = base64.b64decode(body or "") if decodes else (body or "").encode()
    return Answer(status=int(str(status)), headers=headers, body=content)


def _headers(described: Mapping[str, Any]) -> list[tuple[str, str]]:
    single, multi = described.get("headers") or {}, described.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multi, dict):
        raise MalformedAnswerError("headers and multiValueHeaders must be objects")
    if not all(isinstance(values, list) for values in multi.values()):
        raise MalformedAnswerError("multiValueHeaders must have lists as values")
    listed = {name.lower() for name in multi}
    pairs = [(name, value) for name, values in multi.items() for value in values]
    pairs += [(name, value) for name, value in single.items() if name.lower() not in listed]
    return [(name, _header_text(value)) for name, value in pairs if name.lower() not in _HOP_BY_HOP]


def _header_text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise MalformedAnswerError(f"header value {value!r} is not a string")
    return json.dumps(value) if isinstance(value, bool) else str(value)

"""The two ends of API Gateway's proxy integration: what is read from an event, and the form of an answer."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypedDict

from runtime.errors import InvalidRequestError, PayloadTooLargeError

# Lambda's limit for a synchronous invocation's whole event, "6 MB" in its quotas. Lambda refuses the rest by itself;
# this guards the function where something else invokes it.
MAX_PAYLOAD_BYTES = 6_291_456

# What a page of another origin may read beside the body: when to try again, and what to quote when asking for help.
EXPOSED_HEADERS = "Retry-After,x-amzn-RequestId"

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN_CHARACTERS = 60
_BYTE_ORDER_MARK = "\ufeff"  # what Windows programs put before UTF-8

Event = Mapping[str, Any]


class Context(Protocol):
    """What is read of Lambda's context object."""

    @property
    def aws_request_id(self) -> str:
        """Lambda's own id of the invocation."""
        ...


class Answer(TypedDict):
    """An answer in the form that API Gateway's proxy integration takes."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def route(event: Event) -> tuple[str, str]:
    """Method and route, for example `("GET", "/status")`.

    `resource` is the route as the API declares it; `path` would have a custom domain's base path before it.
    """
    return str(event.get("httpMethod")), str(event.get("resource"))


def request_id(event: Event, lambda_request_id: str) -> str:
    """The gateway's id of the request, which its own answers and logs carry, or Lambda's where there is no gateway."""
    context = event.get("requestContext")
    gateway_id = context.get("requestId") if isinstance(context, Mapping) else None
    return gateway_id or lambda_request_id


def text_field(event: Event, name: str) -> str:
    """The text `name` of the JSON object in the event's body.

    Raises InvalidRequestError, or PayloadTooLargeError.
    """
    body = _json_object(event)
    value = body.get(name)
    if not isinstance(value, str):
        found = "null" if value is None else f"a {type(value).__name__}"
        problem = f"{name} is {found}" if name in body else f"{name} is missing"
        raise InvalidRequestError(f'{problem}: the body must be a JSON object with a text "{name}".')
    if not value:
        raise InvalidRequestError(f"{name} is empty.")
    return value


def query_parameter(event: Event, name: str) -> str:
    """A query parameter. Raises InvalidRequestError when it is missing."""
    value = (event.get("queryStringParameters") or {}).get(name)
    if not value:
        raise InvalidRequestError(f"{name} is missing: add ?{name}=... to the URL.")
    return value


def parse_blueprint_id(value: str) -> str:
    """A blueprint's id in lower case. Raises InvalidRequestError for anything but a UUID in its usual form."""
    blueprint_id = value.lower()
    if not _UUID.fullmatch(blueprint_id):
        shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}..."
        raise InvalidRequestError(f"blueprint_id {shown!r} is no UUID: send the one that POST /upload answered.")
    return blueprint_id


def answer(status: int, payload: Mapping[str, Any], *, allowed_origin: str, retry_after: int | None = None) -> Answer:
    """An answer with its CORS headers: with a proxy integration the gateway adds none."""
    headers = {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": allowed_origin,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
    }
    if allowed_origin != "*":
        headers["Vary"] = "Origin"
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return {"statusCode": status, "headers": headers, "body": json.dumps(payload), "isBase64Encoded": False}


def _json_object(event: Event) -> dict[str, Any]:
    body = event.get("body") or ""
    if len(body) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLargeError("The request is over 6 MB: send an image file of at most about 4.5 MB.")
    try:
        text = (
            base64.b64decode(body, validate=True)
            if event.get("isBase64Encoded")
            else body.removeprefix(_BYTE_ORDER_MARK)
        )
        content = json.loads(text)  # of bytes it takes the mark itself
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The body is not JSON: send a JSON object.") from error
    if not isinstance(content, dict):
        raise InvalidRequestError(f"The body is a JSON {type(content).__name__}: send a JSON object.")
    return content

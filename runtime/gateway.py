"""API Gateway's proxy integration: reading an event, and the format of an answer."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypedDict

from runtime.errors import InvalidRequestError, PayloadTooLargeError

# Lambda's limit for a synchronous invocation's whole event, "6 MB" in its quotas. Lambda itself refuses larger ones;
# this check is for other callers of the function.
MAX_PAYLOAD_BYTES = 6_291_456

# No file of the size that is taken has more pages.
LAST_PAGE = 1_000_000

# Headers that a page of another origin may read: when to try again, and the id to quote when asking for help.
EXPOSED_HEADERS = "Retry-After,x-amzn-RequestId"

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN_CHARACTERS = 60
_BYTE_ORDER_MARK = "\ufeff"  # the byte order mark that Windows programs put before UTF-8

Event = Mapping[str, Any]


class Context(Protocol):
    """The part of Lambda's context object that is used."""

    @property
    def aws_request_id(self) -> str:
        """Lambda's own id of the invocation."""
        ...


class Answer(TypedDict):
    """An answer in the format of API Gateway's proxy integration."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


def route(event: Event) -> tuple[str, str]:
    """Method and route, for example `("GET", "/status")`.

    `resource` is the route as the API declares it; `path` could include a custom domain's base path.
    """
    return str(event.get("httpMethod")), str(event.get("resource"))


def request_id(event: Event, lambda_request_id: str) -> str:
    """The gateway's request id, which is also in its answers and logs, or Lambda's id without a gateway."""
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
        raise InvalidRequestError(f'{problem}: the body must be a JSON object with a string "{name}".')
    if not value:
        raise InvalidRequestError(f"{name} is empty.")
    return value


def page_number(event: Event) -> int:
    """The `page` of the JSON object in the event's body, from 1; 1 where it is missing.

    Raises InvalidRequestError, or PayloadTooLargeError.
    """
    page = _json_object(event).get("page", 1)
    if isinstance(page, float) and page.is_integer():  # JSON has one type of number
        page = int(page)
    if type(page) is not int or not 1 <= page <= LAST_PAGE:
        shown = str(page)[:_SHOWN_CHARACTERS]
        raise InvalidRequestError(f"page {shown} is not a page number: send a whole number from 1, or leave it out.")
    return page


def query_parameter(event: Event, name: str) -> str:
    """A query parameter. Raises InvalidRequestError when it is missing."""
    value = (event.get("queryStringParameters") or {}).get(name)
    if not value:
        raise InvalidRequestError(f"{name} is missing: add ?{name}=... to the URL.")
    return value


def parse_blueprint_id(value: str) -> str:
    """A blueprint's id in lower case. Raises InvalidRequestError unless it is a UUID in the usual form."""
    blueprint_id = value.lower()
    if not _UUID.fullmatch(blueprint_id):
        shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}..."
        raise InvalidRequestError(f"blueprint_id {shown!r} is not a UUID: send the one that POST /upload returned.")
    return blueprint_id


def answer(status: int, payload: Mapping[str, Any], *, allowed_origin: str, retry_after: int | None = None) -> Answer:
    """An answer with CORS headers, which the gateway does not add in a proxy integration."""
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
        content = json.loads(text)  # it removes the mark from bytes itself
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The body is not JSON: send a JSON object.") from error
    if not isinstance(content, dict):
        raise InvalidRequestError(f"The body is a JSON {type(content).__name__}: send a JSON object.")
    return content

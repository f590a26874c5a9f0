"""Events as API Gateway's proxy integration sends them."""

import json
from dataclasses import dataclass
from typing import Any

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


@dataclass(frozen=True)
class Context:
    """What the function reads of Lambda's context object."""

    aws_request_id: str = "8b6a2d1e-0d5c-4f0a-8a4e-6f2d3c4b5a69"
    function_name: str = "room-detection-ai-handler-dev"


def event(
    method: str,
    resource: str,
    *,
    body: str | None = None,
    query: dict[str, str] | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """One request; `body` is passed on as it is."""
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": {"Accept": "*/*", "Content-Type": "application/json", "Host": "api.example.com"},
        "multiValueHeaders": {"Accept": ["*/*"], "Content-Type": ["application/json"], "Host": ["api.example.com"]},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "123456",
            "resourcePath": resource,
            "httpMethod": method,
            "extendedRequestId": "c6af9ac6-7b61",
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "path": f"/prod{resource}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1767225600000,
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "curl/8"},
            "apiId": "abc123",
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def upload_event(image: object) -> dict[str, Any]:
    """`POST /upload` of a JSON body."""
    return event("POST", "/upload", body=json.dumps({"image": image}))


def process_event(blueprint_id: object, **fields: object) -> dict[str, Any]:
    """`POST /process` of a JSON body, with further fields."""
    return event("POST", "/process", body=json.dumps({"blueprint_id": blueprint_id, **fields}))


def status_event(blueprint_id: str) -> dict[str, Any]:
    """`GET /status` with its query."""
    return event("GET", "/status", query={"blueprint_id": blueprint_id})

"""`openapi.yaml`, the payload types and the errors say the same."""

import types
from collections.abc import Callable
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from openapi_spec_validator import validate

from runtime import errors, payloads
from tests.runtime.conftest import Caller
from tests.runtime.contract import check, document, error_codes, published
from tests.runtime.events import event, process_event, upload_event
from tests.runtime.pictures import base64_text, encoded, plan, png_header

SCHEMAS = document()["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}

# The design's table, by who answers.
FUNCTION_ERRORS = {
    (400, "invalid_request"),
    (400, "invalid_image"),
    (400, "image_too_large"),
    (404, "not_found"),
    (409, "already_processing"),
    (410, "image_gone"),
    (413, "payload_too_large"),
    (502, "detector_error"),
    (503, "unavailable"),
    (504, "detector_timeout"),
    (500, "internal_error"),
}
GATEWAY_ERRORS = {(403, "forbidden"), (429, "too_many_requests"), (502, "internal_error")}


def schema_of(annotation: Any) -> dict[str, Any]:
    """The parts of a JSON schema that a Python type fixes."""
    if get_origin(annotation) is NotRequired:
        return schema_of(get_args(annotation)[0])
    if is_typeddict(annotation):
        return {
            "type": "object",
            "required": sorted(annotation.__required_keys__),
            "properties": {name: schema_of(hint) for name, hint in get_type_hints(annotation).items()},
        }
    if get_origin(annotation) is list:
        return {"type": "array", "items": schema_of(get_args(annotation)[0])}
    if get_origin(annotation) is Literal:
        return {"type": "string", "enum": sorted(get_args(annotation))}
    assert get_origin(annotation) not in (Union, types.UnionType), "a payload has one type a field"
    return {"type": {str: "string", int: "integer", float: "number"}[annotation]}


def outline(schema: dict[str, Any]) -> dict[str, Any]:
    """The same parts of a schema of the document."""
    if "$ref" in schema:
        return outline(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    kept: dict[str, Any] = {"type": schema["type"]}
    if schema["type"] == "object":
        kept["required"] = sorted(schema["required"])
        kept["properties"] = {name: outline(part) for name, part in schema["properties"].items()}
    if schema["type"] == "array":
        kept["items"] = outline(schema["items"])
    if "enum" in schema and "uploaded" in schema["enum"]:
        kept["enum"] = sorted(schema["enum"])
    return kept


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ("UploadRequest", payloads.UploadRequest),
        ("UploadAnswer", payloads.UploadAnswer),
        ("ProcessRequest", payloads.ProcessRequest),
        ("ProcessAnswer", payloads.ProcessAnswer),
        ("StatusAnswer", payloads.StatusAnswer),
        ("Room", payloads.Room),
        ("ImageSize", payloads.ImageSize),
        ("Page", payloads.Page),
        ("Error", payloads.ErrorAnswer),
    ],
)
def test_a_payload_type_is_its_schema(schema: str, payload: Any) -> None:
    assert schema_of(payload) == outline(SCHEMAS[schema])


def test_the_document_is_valid_openapi() -> None:
    validate(published())
    validate(document())


def test_the_document_says_where_the_service_is_and_that_it_may_require_a_key() -> None:
    assert [server["url"] for server in document()["servers"]] == [
        "https://{api}.execute-api.{region}.amazonaws.com/prod",
        "http://127.0.0.1:8000/prod",
    ]
    assert document()["security"] == [{}, {"apiKey": []}]
    assert document()["components"]["securitySchemes"]["apiKey"]["name"] == "x-api-key"
    assert SCHEMAS["UploadRequest"]["properties"]["image"]["format"] == "byte"


@pytest.mark.parametrize(
    ("route", "status", "name", "request_event"),
    [
        ("POST /upload", 400, "not_base64", lambda: event("POST", "/upload", body='{"image": "not base64!"}')),
        ("POST /upload", 400, "not_an_image", lambda: upload(b"text")),
        ("POST /upload", 400, "damaged_pdf", lambda: upload(b"%PDF-1.7")),
        ("POST /upload", 400, "damaged_image", lambda: upload(encoded(plan())[:100])),
        ("POST /upload", 400, "image_too_large", lambda: upload(png_header(20000, 4000))),
        ("POST /process", 400, "no_uuid", lambda: process_event("plan-7")),
        ("POST /process", 404, "unknown_blueprint", lambda: process_event("0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a")),
    ],
)
def test_an_example_is_what_the_function_answers(
    client: Caller, route: str, status: int, name: str, request_event: Callable[[], dict[str, Any]]
) -> None:
    examples = OPERATIONS[route]["responses"][str(status)]["content"]["application/json"]["examples"]
    answer = client.send(request_event())
    assert (answer.status, answer.body["error"]) == (status, examples[name]["value"]["error"])


def upload(content: bytes) -> dict[str, Any]:
    return upload_event(base64_text(content))


def test_the_document_uses_only_what_the_gateway_imports() -> None:
    assert document()["openapi"].startswith("3.0.")
    assert document()["info"]["description"]
    assert set(document()["components"]) == {"schemas", "responses", "headers", "securitySchemes"}
    for path, item in document()["paths"].items():
        assert set(item) <= {"get", "post"}, path
    assert "x-amazon" not in str(document())


def test_requests_allow_fields_that_a_newer_client_sends() -> None:
    assert all("additionalProperties" not in schema for schema in SCHEMAS.values())


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_example_fits_its_schema(route: str) -> None:
    operation = OPERATIONS[route]
    for response in operation["responses"].values():
        content = response["content"]["application/json"]
        assert content["examples"]
        for example in content["examples"].values():
            check(content["schema"], example["value"])
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        check(content["schema"], content["example"])


def test_every_error_of_the_function_is_documented_and_every_documented_one_exists() -> None:
    classes = errors.RoomDetectionError.__subclasses__()
    assert {(error.status, error.code) for error in classes} == FUNCTION_ERRORS
    documented = {
        (int(status), code)
        for operation in OPERATIONS.values()
        for status in operation["responses"]
        if status != "200"
        for code in error_codes(operation, int(status))
    }
    assert documented == FUNCTION_ERRORS | GATEWAY_ERRORS
    assert set(SCHEMAS["Error"]["properties"]["error"]["properties"]["code"]["enum"]) == {
        code for _, code in FUNCTION_ERRORS | GATEWAY_ERRORS
    }


def test_answers_that_can_be_retried_say_when() -> None:
    for route, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            assert ("Retry-After" in response["headers"]) == (status in ("409", "429", "503")), (route, status)

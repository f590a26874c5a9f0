"""`runtime/openapi.yaml`, and whether an answer keeps it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

import runtime


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, with the responses and headers that it shares where they are used."""
    return _resolved(published())


@cache
def published() -> dict[str, Any]:
    """The OpenAPI document as it stands."""
    return yaml.safe_load((Path(runtime.__file__).parent / "openapi.yaml").read_text())


def _resolved(part: Any) -> Any:
    if isinstance(part, list):
        return [_resolved(element) for element in part]
    if not isinstance(part, dict):
        return part
    kind, _, name = part.get("$ref", "").removeprefix("#/components/").partition("/")
    if kind in ("responses", "headers"):
        return _resolved(published()["components"][kind][name])
    return {key: _resolved(value) for key, value in part.items()}


def check(schema: dict[str, Any], instance: object) -> None:
    """Raise if `instance` does not fit a schema of the document."""
    OAS30Validator({**schema, "components": document()["components"]}).validate(instance)


def error_codes(operation: dict[str, Any], status: int) -> set[str]:
    """The codes that a status of an operation is documented with, by its examples."""
    examples = operation["responses"][str(status)]["content"]["application/json"]["examples"]
    return {example["value"]["error"]["code"] for example in examples.values()}


def check_answer(method: str, resource: str, answer: Any) -> None:
    """Assert that an answer of the function is one that the document announces for the route."""
    status, body = answer["statusCode"], json.loads(answer["body"])
    operation = document()["paths"].get(resource, {}).get(method.lower())
    if operation is None:
        assert status == 404
        check(document()["components"]["schemas"]["Error"], body)
        return
    assert str(status) in operation["responses"], f"{method} {resource} does not announce {status}"
    response = operation["responses"][str(status)]
    check(response["content"]["application/json"]["schema"], body)
    assert set(response["headers"]) - set(answer["headers"]) == set(), "an announced header is missing"
    if status != 200:
        assert body["error"]["code"] in error_codes(operation, status)

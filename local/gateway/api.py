"""Reads a RestApi's OpenAPI body: what the gateway does for each of its methods."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from local.account.inputs import UnsupportedError

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_DEFAULT_TIMEOUT_MS = 29_000  # API Gateway's own, and its highest for a regional API without a raised quota
_BODY_URI = "urn:local:body"
_STATIC = re.compile(r"'(.*)'", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class FunctionIntegration:
    """`aws_proxy`: the request goes to a function as an event, its answer comes back as the response."""

    function_arn: str
    timeout_seconds: float


@dataclass(frozen=True, kw_only=True)
class MockIntegration:
    """`mock`: one response with fixed headers, as for CORS preflights."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class RequiredParameter:
    """A required parameter of a request: `location` is `query`, `header` or `path`."""

    location: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """One HTTP method of one resource. `models` maps a content type to what validates a body of it."""

    resource: str
    http_method: str
    integration: FunctionIntegration | MockIntegration
    required_parameters: tuple[RequiredParameter, ...]
    validates_body: bool
    models: Mapping[str, Draft4Validator]
    needs_key: bool


@dataclass(frozen=True, kw_only=True)
class GatewayResponse:
    """The text of one of the gateway's own answers; None if the body does not define it."""

    status: int | None
    headers: Mapping[str, str]
    template: str | None


class Api:
    """What a RestApi's body declares. `UnsupportedError` names what the local stage cannot serve."""

    def __init__(self, body: str) -> None:
        self._document: dict[str, Any] = json.loads(body)
        self._registry = Registry().with_resource(_BODY_URI, DRAFT4.create_resource(self._document))
        self.binary_types: tuple[str, ...] = tuple(self._document.get("x-amazon-apigateway-binary-media-types", ()))
        self.gateway_responses = {
            name: _gateway_response(name, response)
            for name, response in self._document.get("x-amazon-apigateway-gateway-responses", {}).items()
        }
        self._methods: dict[str, dict[str, Method]] = {
            path: {
                verb.upper(): self._method(path, verb, operation)
                for verb, operation in item.items()
                if verb in _METHODS
            }
            for path, item in self._document["paths"].items()
        }
        # A fixed path wins over one with parameters, a longer one over a shorter.
        ordered = sorted(self._methods, key=lambda path: (path.count("{"), -len(path)))
        self._patterns = [(_path_pattern(path), path) for path in ordered]

    def route(self, path: str, http_method: str) -> tuple[Method, dict[str, str]] | None:
        """The method for a request, and its path parameters; None if the API has no such method."""
        for pattern, resource in self._patterns:
            if match := pattern.fullmatch(path):
                method = self._methods[resource].get(http_method)
                return (method, match.groupdict()) if method else None
        return None

    def _method(self, path: str, verb: str, operation: Mapping[str, Any]) -> Method:
        where = f"{verb.upper()} {path}"
        item = self._document["paths"][path]
        parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
        validates_body, validates_parameters = self._validator(operation)
        return Method(
            resource=path,
            http_method=verb.upper(),
            integration=_integration(where, operation.get("x-amazon-apigateway-integration")),
            required_parameters=tuple(
                RequiredParameter(location=parameter["in"], name=parameter["name"])
                for parameter in map(self._resolved, parameters)
                if validates_parameters and parameter.get("required")
            ),
            validates_body=validates_body,
            models=self._models(path, verb, operation) if validates_body else {},
            needs_key=self._needs_key(operation),
        )

    def _validator(self, operation: Mapping[str, Any]) -> tuple[bool, bool]:
        name = operation.get(
            "x-amazon-apigateway-request-validator", self._document.get("x-amazon-apigateway-request-validator")
        )
        if name is None:
            return False, False
        validator = self._document.get("x-amazon-apigateway-request-validators", {}).get(name)
        if validator is None:
            raise UnsupportedError(f"the API's body names request validator {name!r} and does not define it")
        return bool(validator.get("validateRequestBody")), bool(validator.get("validateRequestParameters"))

    def _resolved(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in value:
            return value
        return self._registry.resolver(_BODY_URI).lookup(value["$ref"]).contents

    def _models(self, path: str, verb: str, operation: Mapping[str, Any]) -> dict[str, Draft4Validator]:
        body = operation.get("requestBody")
        if not body:
            return {}
        pointer = body["$ref"] if "$ref" in body else f"#/paths/{_escaped(path)}/{verb}/requestBody"
        contents = self._resolved(body).get("content", {})
        return {
            content_type.lower(): Draft4Validator(
                {"$ref": f"{_BODY_URI}{pointer}/content/{_escaped(content_type)}/schema"}, registry=self._registry
            )
            for content_type, content in contents.items()
            if "schema" in content
        }

    def _needs_key(self, operation: Mapping[str, Any]) -> bool:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        for requirement in operation.get("security", self._document.get("security", [])):
            for name in requirement:
                scheme = schemes.get(name, {})
                if scheme.get("type") != "apiKey" or scheme.get("name", "").lower() != "x-api-key":
                    raise UnsupportedError(f"security scheme {name!r}: the local stage knows the x-api-key header only")
                return True
        return False


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _path_pattern(path: str) -> re.Pattern[str]:
    """`/a/{id}` matches one segment, `/a/{proxy+}` the rest."""
    pattern = ""
    for part in re.split(r"(\{[^}]+\})", path):
        name = part.strip("{}+")
        if part.startswith("{"):
            pattern += f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"
        else:
            pattern += re.escape(part)
    return re.compile(f"{pattern}/?" if path != "/" else "/?")


def _integration(where: str, integration: Mapping[str, Any] | None) -> FunctionIntegration | MockIntegration:
    if integration is None:
        raise UnsupportedError(f"{where} has no x-amazon-apigateway-integration")
    kind = str(integration.get("type", "")).lower()
    if kind == "aws_proxy":
        function = re.fullmatch(
            r"arn:aws:apigateway:[^:]+:lambda:path/2015-03-31/functions/(.+)/invocations", integration["uri"]
        )
        if function is None or str(integration.get("httpMethod")).upper() != "POST":
            raise UnsupportedError(
                f"{where}: only POST to a function's invoke ARN is served here, not {integration['uri']}"
            )
        timeout_ms = integration.get("timeoutInMillis", _DEFAULT_TIMEOUT_MS)
        return FunctionIntegration(function_arn=function[1], timeout_seconds=timeout_ms / 1000)
    if kind == "mock":
        return _mock(where, integration)
    raise UnsupportedError(f"{where}: integrations of type {kind!r} are not served here")


def _mock(where: str, integration: Mapping[str, Any]) -> MockIntegration:
    template = integration.get("requestTemplates", {}).get("application/json", "{}")
    try:
        wanted = str(json.loads(template)["statusCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnsupportedError(
            f'{where}: a mock\'s template must be {{"statusCode": N}} here, not {template}'
        ) from error
    responses = integration.get("responses", {})
    chosen = next((r for key, r in responses.items() if key == wanted), responses.get("default"))
    if chosen is None:
        raise UnsupportedError(f"{where}: the mock has no response for status {wanted} and no default")
    headers = {
        name.removeprefix("method.response.header."): static_value(value)
        for name, value in chosen.get("responseParameters", {}).items()
    }
    templates = chosen.get("responseTemplates") or {}
    body = next(iter(templates.values()), "") or ""
    _refuse_vtl(where, body)
    return MockIntegration(status=int(chosen["statusCode"]), headers=headers, body=body)


def _gateway_response(name: str, response: Mapping[str, Any]) -> GatewayResponse:
    templates = response.get("responseTemplates") or {}
    template = templates.get("application/json", next(iter(templates.values()), None))
    if template is not None:
        _refuse_vtl(f"gateway response {name}", template)
    status = response.get("statusCode")
    return GatewayResponse(
        status=int(status) if status is not None else None,
        headers={
            key.removeprefix("gatewayresponse.header."): static_value(value)
            for key, value in (response.get("responseParameters") or {}).items()
            if key.startswith("gatewayresponse.header.")
        },
        template=template,
    )


def static_value(mapping: str) -> str:
    """The text of a static parameter mapping, which is in single quotes."""
    match = _STATIC.fullmatch(mapping)
    if match is None:
        raise UnsupportedError(f"parameter mapping {mapping}: only static values in single quotes are served here")
    return match[1]


def _refuse_vtl(where: str, template: str) -> None:
    if re.search(r"#(set|if|foreach|else|end)\b|\$(input|util|stageVariables)\b", template):
        raise UnsupportedError(f"{where}: mapping templates are not interpreted here, except for $context variables")

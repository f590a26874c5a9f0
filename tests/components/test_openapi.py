import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from components.openapi import gateway_body, read_contract
from runtime.gateway import EXPOSED_HEADERS

INVOKE_ARN = "arn:aws:apigateway:us-east-2:lambda:path/2015-03-31/functions/arn:function/invocations"
CORS = {
    "Access-Control-Allow-Origin": "'*'",
    "Access-Control-Allow-Methods": "'GET,POST,OPTIONS'",
    "Access-Control-Allow-Headers": "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token'",
}


def body(*, allowed_origin: str = "*", api_keys: bool = False) -> dict[str, Any]:
    return gateway_body(
        read_contract(),
        title="room-detection-api-dev",
        invoke_arn=INVOKE_ARN,
        allowed_origin=allowed_origin,
        api_keys=api_keys,
    )


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "options"
    }


def resolved(contract: dict[str, Any]) -> dict[str, Any]:
    """The contract with the responses and headers that it shares in their places."""
    text = json.dumps(contract)
    for kind in ("responses", "headers"):
        for name, shared in contract["components"][kind].items():
            text = text.replace(json.dumps({"$ref": f"#/components/{kind}/{name}"}), json.dumps(shared))
    return json.loads(text)


@pytest.mark.parametrize("api_keys", [False, True])
def test_the_body_is_valid_openapi_3_0(api_keys: bool) -> None:
    document = body(api_keys=api_keys)
    assert document["openapi"].startswith("3.0.")
    validate(json.loads(json.dumps(document)))


def test_the_contract_itself_is_not_changed() -> None:
    contract = read_contract()
    before = json.dumps(contract)
    gateway_body(contract, title="api", invoke_arn=INVOKE_ARN, allowed_origin="*", api_keys=True)
    assert json.dumps(contract) == before


def test_what_a_client_sees_is_the_contract() -> None:
    contract, document = resolved(read_contract()), body()
    assert document["components"] == {"schemas": contract["components"]["schemas"]}
    assert operations(document).keys() == operations(contract).keys()
    for key, operation in operations(contract).items():
        deployed = operations(document)[key]
        assert deployed["responses"] == operation["responses"]
        assert deployed.get("parameters") == operation.get("parameters")


def test_the_three_routes_go_to_the_function() -> None:
    found = operations(body())
    assert set(found) == {("/upload", "post"), ("/process", "post"), ("/status", "get")}
    for operation in found.values():
        assert operation["x-amazon-apigateway-integration"] == {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": INVOKE_ARN,
            "timeoutInMillis": 29_000,
        }


def test_bodies_and_parameters_are_validated_on_every_route() -> None:
    document = body()
    validator = document["x-amazon-apigateway-request-validators"][document["x-amazon-apigateway-request-validator"]]
    assert validator == {"validateRequestBody": True, "validateRequestParameters": True}
    for operation in operations(document).values():
        assert "x-amazon-apigateway-request-validator" not in operation, "no route has a validator of its own"


def test_a_body_of_any_content_type_is_validated() -> None:
    for path in ("/upload", "/process"):
        content = body()["paths"][path]["post"]["requestBody"]["content"]
        assert content["$default"] == content["application/json"]


def test_status_requires_its_blueprint_id() -> None:
    parameters = body()["paths"]["/status"]["get"]["parameters"]
    assert [(p["name"], p["in"], p["required"]) for p in parameters] == [("blueprint_id", "query", True)]


@pytest.mark.parametrize("path", ["/upload", "/process", "/status"])
def test_a_browsers_preflight_request_is_answered_without_the_function(path: str) -> None:
    preflight = body()["paths"][path]["options"]
    assert set(preflight["responses"]) == {"204"}
    assert preflight["x-amazon-apigateway-integration"] == {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 204}'},
        "passthroughBehavior": "never",
        "responses": {
            "default": {
                "statusCode": "204",
                "responseParameters": {f"method.response.header.{name}": value for name, value in CORS.items()},
            }
        },
    }


def test_what_the_contract_leaves_open_is_not_left_open_to_the_gateway() -> None:
    assert {"servers", "security"} <= read_contract().keys()
    assert {"servers", "security"}.isdisjoint(body(api_keys=True))


def test_without_keys_no_route_requires_one() -> None:
    assert all("security" not in operation for operation in operations(body()).values())


def test_with_keys_every_route_except_the_preflight_requires_one() -> None:
    document = body(api_keys=True)
    scheme = document["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["name"], scheme["in"]) == ("apiKey", "x-api-key", "header")
    assert all(operation["security"] == [{"apiKey": []}] for operation in operations(document).values())
    assert all("security" not in methods["options"] for methods in document["paths"].values())


@pytest.mark.parametrize(
    ("response_type", "status", "code"),
    [
        ("BAD_REQUEST_BODY", "400", "invalid_request"),
        ("BAD_REQUEST_PARAMETERS", "400", "invalid_request"),
        ("INVALID_API_KEY", "403", "forbidden"),
        ("ACCESS_DENIED", "403", "forbidden"),
        ("MISSING_AUTHENTICATION_TOKEN", "404", "not_found"),
        ("RESOURCE_NOT_FOUND", "404", "not_found"),
        ("REQUEST_TOO_LARGE", "413", "payload_too_large"),
        ("UNSUPPORTED_MEDIA_TYPE", "415", "invalid_request"),
        ("THROTTLED", "429", "too_many_requests"),
        ("QUOTA_EXCEEDED", "429", "too_many_requests"),
        ("INTEGRATION_FAILURE", "500", "internal_error"),
        ("API_CONFIGURATION_ERROR", "500", "internal_error"),
        ("INTEGRATION_TIMEOUT", "504", "detector_timeout"),
        ("DEFAULT_4XX", None, "invalid_request"),
        ("DEFAULT_5XX", None, "internal_error"),
    ],
)
def test_the_gateways_own_errors_have_the_apis_shape(response_type: str, status: str | None, code: str) -> None:
    response = body()["x-amazon-apigateway-gateway-responses"][response_type]
    assert response.get("statusCode") == status
    answer = json.loads(response["responseTemplates"]["application/json"])
    assert answer["error"]["code"] == code
    assert answer["request_id"] == "$context.requestId"
    assert answer["error"]["message"].endswith(".")
    assert "$context" not in answer["error"]["message"], "its values are not escaped for JSON"


def test_the_gateways_own_errors_have_cors_headers() -> None:
    expected = {f"gatewayresponse.header.{name}": value for name, value in CORS.items()}
    expected["gatewayresponse.header.Access-Control-Expose-Headers"] = f"'{EXPOSED_HEADERS}'"
    for response in body()["x-amazon-apigateway-gateway-responses"].values():
        found = dict(response["responseParameters"])
        found.pop("gatewayresponse.header.Retry-After", None)
        assert found == expected


def test_throttled_clients_are_told_when_to_try_again() -> None:
    for response in body()["x-amazon-apigateway-gateway-responses"].values():
        wait = response["responseParameters"].get("gatewayresponse.header.Retry-After")
        assert (wait is not None) == (response.get("statusCode") == "429")
        assert wait is None or int(wait.strip("'")) > 0


def test_the_contracts_examples_are_what_the_gateway_says() -> None:
    said = {
        json.loads(response["responseTemplates"]["application/json"])["error"]["message"]
        for response in body()["x-amazon-apigateway-gateway-responses"].values()
    }
    examples = {
        (route, status, name): example["value"]["error"]["message"]
        for route, operation in operations(body()).items()
        for status, response in operation["responses"].items()
        for name, example in response["content"]["application/json"]["examples"].items()
        if status != "200"
    }
    from_gateway = {
        *("forbidden", "unknown_route", "payload_too_large", "too_many_requests", "gateway_timeout", "no_answer"),
        *("missing_image", "not_json", "missing_id"),
    }
    assert from_gateway <= {name for _, _, name in examples}
    for (_, _, name), message in examples.items():
        assert (message in said) == (name in from_gateway), name


def test_every_error_code_of_the_gateway_is_in_the_contract() -> None:
    text = json.dumps(read_contract())
    for response in body()["x-amazon-apigateway-gateway-responses"].values():
        code = json.loads(response["responseTemplates"]["application/json"])["error"]["code"]
        assert f'"{code}"' in text, code


def test_one_origin_is_in_every_cors_header() -> None:
    document = json.dumps(body(allowed_origin="https://rooms.example.com"))
    assert "'*'" not in document
    assert document.count("'https://rooms.example.com'") == 3 + 15


def test_a_new_route_of_the_contract_gets_cors_and_is_listed_in_the_404_answer() -> None:
    contract = read_contract()
    contract["paths"]["/rooms"] = {"delete": contract["paths"]["/status"]["get"]}
    added = gateway_body(contract, title="api", invoke_arn=INVOKE_ARN, allowed_origin="*", api_keys=False)
    preflight = added["paths"]["/upload"]["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
    allowed = preflight["responseParameters"]["method.response.header.Access-Control-Allow-Methods"]
    assert allowed == "'DELETE,GET,POST,OPTIONS'"
    missing = added["x-amazon-apigateway-gateway-responses"]["MISSING_AUTHENTICATION_TOKEN"]["responseTemplates"]
    assert "use POST /upload, POST /process, GET /status or DELETE /rooms." in missing["application/json"]

"""The gateway serves what was deployed: routes, schemas, gateway responses, keys, plans and throttles of small APIs."""

import base64
import gzip
import socket
from urllib.parse import urlsplit

import pytest

from local.stack import LocalStack
from tests.local.http_calls import call
from tests.local.loop_thread import LoopThread

pytestmark = pytest.mark.whole

KEY = "first-key-of-twenty-characters"


def access_log(stack: LocalStack, loop_thread: LoopThread) -> list[str]:
    """The lines of the stage `open`."""
    loop_thread.run(stack.flush_logs())
    events = stack.aws.client("logs").filter_log_events(logGroupName="access/open")["events"]
    return [event["message"] for event in events]


def test_a_request_reaches_the_function_as_an_event_of_payload_format_1(
    small_url: str, small_stack: LocalStack
) -> None:
    answer = call(
        "POST", f"{small_url}/open/echo?a=1&a=2&b=", body="text", headers={"X-Name": "Åse".encode().decode("latin-1")}
    )
    event = answer.json()["event"]
    assert answer.status == 200
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/echo", "/echo", "POST")
    assert event["queryStringParameters"] == {"a": "2", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert event["pathParameters"] is None
    assert event["stageVariables"] == {"season": "winter"}
    assert (event["body"], event["isBase64Encoded"]) == ("text", False)
    context = event["requestContext"]
    assert (context["stage"], context["path"], context["resourcePath"]) == ("open", "/open/echo", "/echo")
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"] == answer.headers["x-amzn-requestid"]
    api = next(
        one for one in small_stack.deployment.of_type("aws:apigateway/restApi:RestApi") if one.id == context["apiId"]
    )
    items = small_stack.aws.client("apigateway").get_resources(restApiId=api.id)["items"]
    assert context["resourceId"] in {item["id"] for item in items if item["path"] == "/echo"}


def test_a_fixed_path_wins_over_one_with_a_parameter(small_url: str) -> None:
    assert call("GET", f"{small_url}/open/echo/fixed").json()["event"]["resource"] == "/echo/fixed"
    event = call("GET", f"{small_url}/open/echo/42").json()["event"]
    assert (event["resource"], event["pathParameters"]) == ("/echo/{id}", {"id": "42"})


def test_a_body_of_a_binary_type_arrives_as_base64(small_url: str) -> None:
    content = bytes(range(256))
    event = call("POST", f"{small_url}/open/echo", body=content, headers={"Content-Type": "image/png"}).json()["event"]
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == content


@pytest.mark.parametrize(
    "body", ['{"size": 0}', '{"size": "1"}', '{"size": 1, "more": 2}', "{}", "[]", "null", "not json", "", '{"size": 1']
)
def test_a_body_that_its_schema_refuses_never_reaches_the_function(small_url: str, body: str) -> None:
    answer = call("POST", f"{small_url}/open/echo/order?colour=red", body=body)
    assert (answer.status, answer.json()["code"]) == (422, "body")
    assert answer.json()["request_id"] == answer.headers["x-amzn-requestid"]
    assert answer.headers["x-advice"] == "read the schema"


def test_a_body_that_its_schema_allows_reaches_the_function(small_url: str) -> None:
    assert call("POST", f"{small_url}/open/echo/order?colour=red", body={"size": 3}).status == 200


def test_a_body_of_a_type_without_a_model_is_not_validated(small_url: str) -> None:
    answer = call(
        "POST", f"{small_url}/open/echo/order?colour=red", body="<size/>", headers={"Content-Type": "text/xml"}
    )
    assert answer.status == 200


@pytest.mark.parametrize("query", ["", "?colour=", "?color=red"])
def test_a_required_parameter_must_be_there_and_not_blank(small_url: str, query: str) -> None:
    answer = call("POST", f"{small_url}/open/echo/order{query}", body={"size": 3})
    assert (answer.status, answer.json()["code"]) == (400, "default")


def test_a_preflight_is_answered_by_the_gateway_itself(small_url: str, small_stack: LocalStack) -> None:
    before = len(small_stack.invocations())
    answer = call("OPTIONS", f"{small_url}/open/echo/order", headers={"Origin": "https://plans.example"})
    assert (answer.status, answer.headers["access-control-allow-origin"], answer.body) == (204, "*", b"")
    assert len(small_stack.invocations()) == before


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nowhere"), ("DELETE", "/echo"), ("GET", "/"), ("GET", "/echo/a/b")]
)
def test_a_route_that_does_not_exist_is_worded_by_the_default_response(small_url: str, method: str, path: str) -> None:
    answer = call(method, f"{small_url}/open{path}")
    assert (answer.status, answer.json()["code"]) == (403, "default")


@pytest.mark.parametrize("path", ["/staging/echo", "/", ""])
def test_a_stage_that_does_not_exist_gets_awss_own_answer(small_url: str, path: str) -> None:
    answer = call("GET", f"{small_url}{path or '/'}")
    assert (answer.status, answer.json()) == (403, {"message": "Forbidden"})


def test_a_body_over_10_mb_is_refused(small_url: str) -> None:
    answer = call("POST", f"{small_url}/open/echo", body=b"x" * (10 * 1024 * 1024 + 1))
    assert (answer.status, answer.json()["code"]) == (413, "default")


def test_an_event_over_lambdas_6_mb_is_refused_even_if_the_body_is_under_10_mb(small_url: str) -> None:
    answer = call("POST", f"{small_url}/open/echo", body=b"x" * 6_291_456)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (413, "RequestTooLongException")


def test_a_compressed_body_is_passed_on_as_it_came(small_url: str) -> None:
    content = gzip.compress(b"text")
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip"}
    event = call("POST", f"{small_url}/open/echo", body=content, headers=headers).json()["event"]
    assert base64.b64decode(event["body"]) == content
    assert call("POST", f"{small_url}/open/echo/order?colour=red", body=content, headers=headers).status == 200


def test_a_header_that_is_not_utf_8_does_not_fail_the_request(small_url: str) -> None:
    answer = call("GET", f"{small_url}/open/echo", headers={"X-Name": "\xff"})
    assert (answer.status, answer.json()["event"]["headers"]["X-Name"]) == (200, "?")


def test_a_client_that_disconnects_in_the_middle_of_its_body_leaves_an_access_log_line_and_no_traceback(
    small_url: str, small_stack: LocalStack, loop_thread: LoopThread, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(small_url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"PUT /open/echo/half HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nabc")
    assert any("PUT - 422 -" in access_log(small_stack, loop_thread) for _ in range(500)), "the line never came"
    assert not caplog.records


def test_bytes_that_are_not_http_are_refused_and_are_one_line_of_the_log(
    small_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = urlsplit(small_url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(b"PUT /open/echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.0 400 ")
    (record,) = caplog.records
    assert record.getMessage().startswith("not HTTP: Invalid character in chunk size")
    assert record.exc_info is None


def test_an_integration_that_takes_too_long_is_abandoned(small_url: str) -> None:
    answer = call("GET", f"{small_url}/open/late")
    assert (answer.status, answer.json()) == (504, {"message": "Endpoint request timed out"})


@pytest.mark.parametrize("function", ["raising", "crashing", "malformed", "huge", "broken", "slow", "greedy"])
def test_a_function_without_a_usable_answer_is_a_502(small_url: str, function: str) -> None:
    answer = call("GET", f"{small_url}/open/{function}")
    assert (answer.status, answer.json()) == (502, {"message": "Internal server error"})


def test_a_function_that_does_not_permit_the_route_is_not_invoked(small_url: str, small_stack: LocalStack) -> None:
    before = len(small_stack.invocations())
    answer = call("GET", f"{small_url}/open/forbidden")
    assert (answer.status, answer.json()) == (500, {"message": "Internal server error"})
    assert len(small_stack.invocations()) == before


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "wrong"}, {"x-api-key": "unlinked-key-of-twenty-characters"}])
def test_a_route_with_keys_refuses_a_missing_wrong_or_unlinked_key(small_url: str, headers: dict[str, str]) -> None:
    answer = call("GET", f"{small_url}/keyed/echo", headers=headers)
    assert (answer.status, answer.json()) == (403, {"message": "Forbidden"})


def test_a_key_may_use_up_its_plans_quota_and_each_key_has_its_own(small_url: str) -> None:
    statuses = [call("GET", f"{small_url}/keyed/echo", headers={"x-api-key": KEY}).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    other = call("GET", f"{small_url}/keyed/echo", headers={"x-api-key": "second-key-of-twenty-characters"})
    assert other.status == 200
    identity = other.json()["event"]["requestContext"]["identity"]
    assert identity["apiKey"] == "second-key-of-twenty-characters"


def test_a_stages_throttle_lets_a_burst_through_for_each_method(small_url: str) -> None:
    assert [call("GET", f"{small_url}/throttled/echo").status for _ in range(3)] == [200, 200, 429]
    assert call("GET", f"{small_url}/throttled/printing").status == 204


def test_each_request_leaves_a_line_of_the_stages_format_in_its_access_log(
    small_url: str, small_stack: LocalStack, loop_thread: LoopThread
) -> None:
    call("GET", f"{small_url}/open/echo/fixed")
    call("GET", f"{small_url}/open/nowhere/at/all")
    lines = access_log(small_stack, loop_thread)
    assert "GET /echo/fixed 200 -" in lines
    assert "GET - 403 -" in lines

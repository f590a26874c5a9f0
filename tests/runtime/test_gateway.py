"""Routes, CORS and ids of requests."""

from collections.abc import Callable

import pytest

from tests.runtime.conftest import Caller
from tests.runtime.events import REQUEST_ID, Context, event, status_event


@pytest.mark.parametrize(
    ("method", "resource"), [("GET", "/upload"), ("POST", "/status"), ("DELETE", "/process"), ("GET", "/"), ("GET", "")]
)
def test_an_unknown_route_is_not_found(client: Caller, method: str, resource: str) -> None:
    answer = client.send(event(method, resource))
    assert (answer.status, answer.code) == (404, "not_found")
    assert "POST /upload" in answer.message


def test_an_event_of_another_shape_is_answered_too(client: Caller) -> None:
    answer = client.send({})
    assert (answer.status, answer.code) == (404, "not_found")
    assert answer.body["request_id"] == Context().aws_request_id


def test_an_error_carries_the_gateways_request_id(client: Caller, unknown_id: str) -> None:
    assert client.status(unknown_id).body["request_id"] == REQUEST_ID


def test_a_custom_domains_base_path_does_not_matter(client: Caller) -> None:
    blueprint_id = client.uploaded_id()
    assert client.send({**status_event(blueprint_id), "path": "/v1/status"}).status == 200


@pytest.mark.parametrize("failing", [False, True])
def test_every_answer_may_be_read_by_any_web_page(client: Caller, failing: bool) -> None:
    answer = client.status("no id") if failing else client.upload()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "application/json"
    assert "Vary" not in answer.headers


@pytest.mark.parametrize("failing", [False, True])
def test_an_allowed_origin_is_named_and_caches_are_told(caller: Callable[..., Caller], failing: bool) -> None:
    client = caller(ALLOWED_ORIGIN="https://plans.example.com")
    answer = client.status("no id") if failing else client.upload()
    assert answer.headers["Access-Control-Allow-Origin"] == "https://plans.example.com"
    assert answer.headers["Vary"] == "Origin"


def test_web_pages_may_read_when_to_try_again_and_the_request_id(client: Caller) -> None:
    assert client.upload().headers["Access-Control-Expose-Headers"] == "Retry-After,x-amzn-RequestId"

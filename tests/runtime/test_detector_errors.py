"""Everything that a detector can do wrong: one clear answer each, a `failed` record, and another try that works."""

import json
import socket
import time
from collections.abc import Callable

import pytest

from tests.runtime.conftest import DETECTED_BY_A_FUNCTION, Caller
from tests.runtime.servers import TWO_ROOMS, DetectorServer, Reply, error_reply, rooms_reply

BOX = [0, 0, 10, 10]


@pytest.fixture(params=[{}, DETECTED_BY_A_FUNCTION], ids=["endpoint", "function"])
def variables(request: pytest.FixtureRequest) -> dict[str, str]:
    """The variables that say what the detector is."""
    return request.param


@pytest.fixture
def client(caller: Callable[..., Caller], variables: dict[str, str]) -> Caller:
    """A client of the function with either detector."""
    return caller(**variables)


def body(content: object) -> Reply:
    return Reply(body=content if isinstance(content, bytes) else json.dumps(content).encode())


def one_room(**changes: object) -> Reply:
    return body({"rooms": [{"id": "room_1", "bounding_box": BOX, "confidence": 0.5, **changes}]})


def assert_failed_and_can_be_tried_again(
    client: Caller, detector: DetectorServer, blueprint_id: str, message: str
) -> None:
    status = client.status(blueprint_id).body
    assert (status["status"], status["error"]) == ("failed", message)
    detector.reset()
    assert client.process(blueprint_id).status == 200
    assert "error" not in client.status(blueprint_id).body


NO_ROOM_LISTS = {
    "empty": body(b""),
    "html": body(b"<html>Bad gateway</html>"),
    "not utf-8": body(b"\xff\xfe\x00"),
    "deeply nested": body(b"[" * 100_000),
    "null": body(None),
    "list": body([]),
    "no rooms": body({"predictions": []}),
    "rooms no list": body({"rooms": {"room_1": BOX}}),
    "room no object": body({"rooms": ["room_1"]}),
    "no box": body({"rooms": [{"confidence": 0.5}]}),
    "no confidence": body({"rooms": [{"bounding_box": BOX}]}),
    "box of 3": one_room(bounding_box=[0, 0, 10]),
    "box of floats": one_room(bounding_box=[0.0, 0, 10, 10]),
    "box of booleans": one_room(bounding_box=[False, False, True, True]),
    "box of text": one_room(bounding_box="0010"),
    "box inverted": one_room(bounding_box=[10, 0, 0, 10]),
    "box without area": one_room(bounding_box=[5, 0, 5, 10]),
    "box negative": one_room(bounding_box=[-1, 0, 5, 10]),
    "box outside": one_room(bounding_box=[0, 0, 5, 1001]),
    "confidence text": one_room(confidence="0.5"),
    "confidence boolean": one_room(confidence=True),
    "confidence negative": one_room(confidence=-0.1),
    "confidence above 1": one_room(confidence=1.01),
    "confidence NaN": one_room(confidence=float("nan")),
    "confidence null": one_room(confidence=None),
    "more rooms than a record holds": rooms_reply(*[(BOX, 0.5)] * 1001),
}


@pytest.mark.parametrize("name", NO_ROOM_LISTS)
def test_an_answer_that_is_not_a_list_of_rooms_is_a_detector_error(
    client: Caller, detector: DetectorServer, name: str
) -> None:
    detector.behaviour = lambda: NO_ROOM_LISTS[name]
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (502, "detector_error")
    assert_failed_and_can_be_tried_again(client, detector, blueprint_id, answer.message)


def test_as_many_rooms_as_the_model_may_find_are_stored(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = lambda: rooms_reply(*[(BOX, 0.5)] * 300)
    blueprint_id = client.uploaded_id()
    rooms = client.process(blueprint_id).body["detected_rooms"]
    assert [room["id"] for room in rooms] == [f"room_{number}" for number in range(1, 301)]
    assert client.status(blueprint_id).body["detected_rooms"] == rooms


ENDPOINT_ERRORS = {
    "model failed": (
        error_reply(424, "ModelError", "Received server error (500)", OriginalStatusCode=500),
        502,
        "detector_error",
    ),
    "model refused": (
        error_reply(424, "ModelError", "Received client error (415)", OriginalStatusCode=415),
        502,
        "detector_error",
    ),
    "server's queue full": (
        error_reply(424, "ModelError", "Received server error (503)", OriginalStatusCode=503),
        503,
        "unavailable",
    ),
    "SageMaker failed": (error_reply(500, "InternalFailure", "oops"), 502, "detector_error"),
    "plain 500": (Reply(500, b"<html>oops</html>", {"Content-Type": "text/html"}), 502, "detector_error"),
    "plain 404": (Reply(404, b"<html>oops</html>", {"Content-Type": "text/html"}), 502, "detector_error"),
    "input refused": (error_reply(400, "ValidationError", "1 validation error detected"), 502, "detector_error"),
    "endpoint missing": (
        error_reply(400, "ValidationError", "Endpoint detector of account 123456789012 not found."),
        503,
        "unavailable",
    ),
    "throttled": (error_reply(400, "ThrottlingException", "Rate exceeded"), 503, "unavailable"),
    "too many": (Reply(429, b"{}"), 503, "unavailable"),
    "model not ready": (error_reply(429, "ModelNotReadyException", "loading"), 503, "unavailable"),
    "unavailable": (error_reply(503, "ServiceUnavailable", "no capacity"), 503, "unavailable"),
    "policy": (error_reply(403, "AccessDeniedException", "not authorized"), 500, "internal_error"),
}


FUNCTION_ERRORS = {
    "raised or crashed": (
        Reply(200, b'{"errorType": "MemoryError"}', {"X-Amz-Function-Error": "Unhandled"}),
        502,
        "detector_error",
    ),
    "image refused": (
        body({"status": 400, "error": {"code": "invalid_image", "message": "no"}, "request_id": "r"}),
        502,
        "detector_error",
    ),
    "error without a status": (body({"error": "no"}), 502, "detector_error"),
    "Lambda failed": (error_reply(500, "ServiceException", "oops"), 502, "detector_error"),
    "event refused": (error_reply(413, "RequestTooLargeException", "too large"), 502, "detector_error"),
    "plain 500": (Reply(500, b"<html>oops</html>", {"Content-Type": "text/html"}), 502, "detector_error"),
    "function missing": (error_reply(404, "ResourceNotFoundException", "Function not found"), 503, "unavailable"),
    "being prepared": (error_reply(409, "ResourceConflictException", "state Pending"), 503, "unavailable"),
    "throttled": (error_reply(429, "TooManyRequestsException", "Rate Exceeded."), 503, "unavailable"),
    "unavailable": (Reply(503, b"{}"), 503, "unavailable"),
    "policy": (error_reply(403, "AccessDeniedException", "not authorized"), 500, "internal_error"),
}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        *(pytest.param({}, expected, id=f"endpoint {name}") for name, expected in ENDPOINT_ERRORS.items()),
        *(
            pytest.param(DETECTED_BY_A_FUNCTION, expected, id=f"function {name}")
            for name, expected in FUNCTION_ERRORS.items()
        ),
    ],
)
def test_an_error_of_the_detector_gets_its_answer(
    client: Caller, detector: DetectorServer, expected: tuple[Reply, int, str]
) -> None:
    reply, status, code = expected
    detector.behaviour = lambda: reply
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert len(detector.invocations) == 1, "the detector's client never retries by itself"
    assert_failed_and_can_be_tried_again(client, detector, blueprint_id, answer.message)


def test_a_detector_that_is_silent_beyond_its_limit_is_a_detector_timeout(
    caller: Callable[..., Caller], variables: dict[str, str], detector: DetectorServer
) -> None:
    client = caller(DETECTOR_TIMEOUT_SECONDS="1", **variables)
    detector.behaviour = lambda: time.sleep(3) or TWO_ROOMS
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (504, "detector_timeout")
    assert len(detector.invocations) == 1
    assert_failed_and_can_be_tried_again(caller(**variables), detector, blueprint_id, answer.message)


def test_an_answer_that_trickles_in_beyond_the_limit_is_a_detector_timeout(
    caller: Callable[..., Caller], variables: dict[str, str], detector: DetectorServer
) -> None:
    client = caller(DETECTOR_TIMEOUT_SECONDS="1", **variables)
    detector.trickle_seconds = 0.1  # each byte well within the socket's own timeout, all of them 20 s
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (504, "detector_timeout")
    assert_failed_and_can_be_tried_again(caller(**variables), detector, blueprint_id, answer.message)


@pytest.mark.parametrize(
    ("variables", "service"),
    [
        pytest.param({}, "SAGEMAKER_RUNTIME", id="endpoint"),
        pytest.param(DETECTED_BY_A_FUNCTION, "LAMBDA", id="function"),
    ],
)
def test_a_detector_that_refuses_connections_is_unavailable(
    caller: Callable[..., Caller],
    variables: dict[str, str],
    service: str,
    detector: DetectorServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        with monkeypatch.context() as patched:
            patched.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{unused.getsockname()[1]}")
            # A function of its own, which has no client of the real address yet.
            client = caller(RECORD_TTL_DAYS="29", **variables)
            blueprint_id = client.uploaded_id()
            answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "Retry-After" in answer.headers
    assert_failed_and_can_be_tried_again(caller(**variables), detector, blueprint_id, answer.message)


def test_an_answer_cut_short_is_unavailable(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = lambda: Reply(body=b'{"rooms": []}', headers={"Content-Length": "99", "Connection": "close"})
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert_failed_and_can_be_tried_again(client, detector, blueprint_id, answer.message)

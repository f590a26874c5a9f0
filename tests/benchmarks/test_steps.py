"""Where the time goes, read from what the servers log."""

import json

import pytest

from benchmarks.steps import LoggedRequest, medians, of_inference_server, of_ultralytics

REQUEST = {
    "message": "request",
    "path": "/invocations",
    "status": 200,
    "read_ms": 1.0,
    "decode_ms": 2.0,
    "forward_ms": 50.0,
    "total_ms": 60.0,
    "image_width": 800,
    "image_height": 560,
}


def test_time_outside_every_step_of_the_server_is_waiting():
    (request,) = of_inference_server(json.dumps(REQUEST))
    assert (request.height, request.width) == (448, 640)
    assert request.steps == {"read": 1.0, "decode": 2.0, "forward": 50.0, "waiting": 7.0}
    assert request.total_ms == 60.0


@pytest.mark.parametrize(
    "line", [json.dumps({"message": "ready", "load_ms": 3}), json.dumps({**REQUEST, "status": 400}), "a warning", ""]
)
def test_log_lines_other_than_answered_requests_are_ignored(line: str):
    assert list(of_inference_server(line)) == []


def test_ultralytics_reports_its_steps_after_each_prediction():
    log = (
        "0: 448x640 10 rooms, 120.3ms\n"
        "Speed: 2.5ms preprocess, 120.3ms inference, 1.2ms postprocess per image at shape (1, 3, 448, 640)\n"
        '127.0.0.1 - - [24/Nov/2026 22:00:00] "POST /invocations HTTP/1.1" 200 -\n'
    )
    (request,) = of_ultralytics(log)
    assert (request.height, request.width, request.total_ms) == (448, 640, None)
    assert request.steps == {"preprocess": 2.5, "forward": 120.3, "postprocess": 1.2}


def test_a_client_waits_beyond_the_servers_total_for_http():
    requests = [LoggedRequest(height=64, width=64, steps={"forward": ms}, total_ms=ms + 1) for ms in (10.0, 30.0, 20.0)]
    assert medians(requests, client_ms=25.0) == {"forward": 20.0, "http": 4.0}


def test_if_the_total_is_not_logged_the_rest_is_one_step():
    requests = [LoggedRequest(height=64, width=64, steps={"preprocess": 1.0, "forward": 20.0})]
    assert medians(requests, client_ms=25.0) == {"preprocess": 1.0, "forward": 20.0, "rest": 4.0}

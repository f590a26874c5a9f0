"""The detector as a Lambda function: the server's answers without HTTP, whatever the event is."""

import base64
import logging
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from images.inference.cores import available_cores
from images.inference.function import DetectorFunction, function_cores
from tests.images.inference.plans import PLAN, encode, grey_16_bit
from tests.images.inference.server_process import ROOT, WEIGHTS, ServerProcess

pytestmark = pytest.mark.whole

PNG = encode(PLAN, "PNG")


class Call:
    """What Lambda says about a call."""

    aws_request_id = "a-request"


@pytest.fixture(scope="session")
def function() -> DetectorFunction:
    return DetectorFunction.load({"MODEL_PATH": str(WEIGHTS), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"})


def event(content: bytes) -> dict[str, str]:
    return {"image": base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PNG, id="PNG"),
        pytest.param(encode(PLAN, "JPEG"), id="JPEG"),
        pytest.param(encode(grey_16_bit(PLAN), "PNG"), id="16 bits"),
        pytest.param(encode(PLAN.convert("CMYK"), "TIFF"), id="CMYK"),
        pytest.param(encode(PLAN.resize((2400, 900)), "PNG"), id="wide"),
        pytest.param(encode(Image.new("RGB", (64, 64), "white"), "GIF"), id="no rooms"),
    ],
)
def test_the_answer_is_that_of_the_server(function: DetectorFunction, server: ServerProcess, content: bytes) -> None:
    assert function(event(content), Call()) == server.invoke_json(event(content)).document


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(None, "invalid_request", id="null"),
        pytest.param([], "invalid_request", id="a list"),
        pytest.param({}, "invalid_request", id="nothing in it"),
        pytest.param({"image": 5}, "invalid_request", id="image of the wrong type"),
        pytest.param({"image": ""}, "invalid_request", id="empty image"),
        pytest.param({"image": "%%%"}, "invalid_request", id="not base64"),
        pytest.param(event(b"<svg/>"), "invalid_image", id="SVG"),
        pytest.param(event(PNG[:500]), "invalid_image", id="truncated"),
        pytest.param(event(encode(Image.new("1", (12_001, 8)), "PNG")), "image_too_large", id="too wide"),
    ],
)
def test_bad_input_is_answered_with_the_servers_error_and_its_status(
    function: DetectorFunction, server: ServerProcess, given: Any, code: str
) -> None:
    answer: Any = function(given, Call())
    refusal = server.invoke_json(given)
    assert answer == {"status": refusal.status, "error": refusal.document["error"], "request_id": "a-request"}
    assert (answer["status"], answer["error"]["code"]) == (400, code)


def test_the_thresholds_come_from_the_environment() -> None:
    strict = DetectorFunction.load({"MODEL_PATH": str(WEIGHTS), "CONFIDENCE_THRESHOLD": "1"})
    answer: Any = strict(event(PNG), Call())
    assert answer["rooms"] == []


def test_a_fault_of_its_own_is_raised_so_that_lambda_counts_it(
    function: DetectorFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("images.inference.detector.decode", fail)
    with pytest.raises(MemoryError):
        function(event(PNG), Call())


def test_each_call_is_one_line_of_the_log_without_its_image(
    function: DetectorFunction, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="images.inference"):
        function(event(PNG), Call())
        function({"image": "%%%"}, Call())
    answered, refused = [getattr(record, "fields", {}) for record in caplog.records]
    assert (answered["request_id"], answered["status"], answered["rooms"]) == ("a-request", 200, 3)
    assert (answered["image_width"], answered["image_height"]) == (800, 600)
    assert (refused["status"], refused["code"]) == (400, "invalid_request")
    assert event(PNG)["image"][40:80] not in caplog.text


@pytest.mark.parametrize(("memory_mb", "share"), [("512", 1), ("1769", 1), ("1770", 2), ("3008", 2), ("10240", 6)])
def test_a_function_has_a_thread_for_each_processor_that_its_memory_pays_for(memory_mb: str, share: int) -> None:
    cores = function_cores({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory_mb})
    assert cores == min(share, available_cores())


def test_outside_lambda_a_function_has_all_processors() -> None:
    assert function_cores({}) == available_cores()


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"MODEL_PATH": "/nowhere/best.onnx"}, "cannot load the model /nowhere/best.onnx: no such file"),
        ({"IOU_THRESHOLD": "2"}, "IOU_THRESHOLD: '2' is not allowed: must be a number from 0 to 1"),
    ],
)
def test_a_function_that_cannot_serve_does_not_start(variables: dict[str, str], reason: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import images.inference.lambda_entry"],
        cwd=ROOT,
        env={"MODEL_PATH": str(WEIGHTS), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1].endswith(reason)


def test_a_cold_start_needs_no_http_server() -> None:
    program = "import sys, images.inference.lambda_entry; print(sorted({'aiohttp', 'asyncio'} & sys.modules.keys()))"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"MODEL_PATH": str(WEIGHTS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "[]"

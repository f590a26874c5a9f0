"""What an operator sees: JSON logs, metrics, X-Ray subsegments."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.components.recorder import deployed
from tests.runtime.conftest import BUCKET, ProcessReport
from tests.runtime.events import REQUEST_ID, Context, process_event, status_event, upload_event
from tests.runtime.function_process import UPLOADED_ID
from tests.runtime.pictures import base64_text, encoded, plan
from tests.runtime.servers import AwsServer, DetectorServer, Fault, Reply

Run = Callable[..., ProcessReport]

CONTENT = encoded(plan())
IMAGE = base64_text(CONTENT)
WHOLE_PATH = [upload_event(IMAGE), process_event(UPLOADED_ID), status_event(UPLOADED_ID)]
REFUSALS = [status_event("0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a"), status_event("no id")]
BAD_IMAGES = [upload_event(base64_text(CONTENT[:-40])), upload_event(IMAGE + "!")]


def log_lines(report: ProcessReport) -> list[dict[str, Any]]:
    return [line for line in report.log if "_aws" not in line]


def metrics(report: ProcessReport) -> list[dict[str, Any]]:
    return [line for line in report.log if "_aws" in line]


@pytest.fixture(scope="module")
def report(run_process: Run) -> ProcessReport:
    """A blueprint's whole path, then refusals, at the most talkative log level."""
    return run_process([*WHOLE_PATH, *REFUSALS, *BAD_IMAGES], LOG_LEVEL="DEBUG")


@pytest.fixture
def failing_report(run_process: Run, aws: AwsServer, detector: DetectorServer) -> ProcessReport:
    """A detector that fails while the table refuses to note it, then an S3 that refuses the function."""
    detector.behaviour = lambda: Reply(500)
    aws.throttle_table("UpdateItem", skip=1)
    path = f"PUT /{BUCKET}/blueprints/"
    aws.faults.append(Fault(path, 403, "<Error><Code>AccessDenied</Code></Error>", skip=1))
    return run_process([*WHOLE_PATH[:2], upload_event(IMAGE)])


def test_each_request_is_one_json_line_with_its_ids(report: ProcessReport) -> None:
    blueprint_id = json.loads(report.answers[0]["body"])["blueprint_id"]
    lines = log_lines(report)[:3]
    assert [line["route"] for line in lines] == ["POST /upload", "POST /process", "GET /status"]
    for line in lines:
        assert line["level"] == "INFO"
        assert line["message"] == "request answered"
        assert line["service"] == "room-detection"
        assert line["stage"] == "test"
        assert line["request_id"] == REQUEST_ID
        assert line["function_request_id"] == Context().aws_request_id
        assert line["blueprint_id"] == blueprint_id
        assert line["status"] == 200


def test_expected_refusals_are_information_and_do_not_keep_an_earlier_blueprints_id(report: ProcessReport) -> None:
    unknown, malformed = log_lines(report)[3:5]
    assert (unknown["level"], unknown["code"]) == ("INFO", "not_found")
    assert unknown["blueprint_id"] == "0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a"
    assert (malformed["level"], malformed["code"]) == ("INFO", "invalid_request")
    assert "blueprint_id" not in malformed
    assert "exception" not in unknown


def test_no_image_bytes_are_logged(report: ProcessReport) -> None:
    assert [answer["statusCode"] for answer in report.answers[-2:]] == [400, 400]
    assert IMAGE[:20] not in report.output
    assert IMAGE[40:60] not in report.output


def test_metrics_are_embedded_in_the_log(report: ProcessReport) -> None:
    upload, process, *refused = metrics(report)
    assert upload["BlueprintsUploaded"] == [1.0]
    assert upload["UploadedBytes"] == [float(len(CONTENT))]
    assert process["BlueprintsProcessed"] == [1.0]
    assert process["RoomsDetected"] == [2.0]
    assert process["DetectionTime"][0] > 0
    for line in (upload, process):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "RoomDetection"
        assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["service", "stage"]]
        assert (line["service"], line["stage"]) == ("room-detection", "test")
    units = {metric["Name"]: metric["Unit"] for metric in process["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert units == {"DetectionTime": "Milliseconds", "BlueprintsProcessed": "Count", "RoomsDetected": "Count"}
    assert [line["ClientErrors"] for line in refused] == [[1.0]] * 4


def test_failures_are_logged_by_whose_fault_they_are(failing_report: ProcessReport) -> None:
    assert [answer["statusCode"] for answer in failing_report.answers] == [200, 502, 500]
    _, unrecorded, detector_failed, own_fault = log_lines(failing_report)
    assert (unrecorded["level"], unrecorded["message"]) == ("WARNING", "the record could not be marked as failed")
    assert (detector_failed["level"], detector_failed["code"]) == ("WARNING", "detector_error")
    assert "exception" not in detector_failed
    assert own_fault["level"] == "ERROR"
    assert "Traceback" in own_fault["exception"]
    assert "AccessDenied" in own_fault["exception"]
    assert "Traceback" not in failing_report.answers[2]["body"]

    _, processing, upload = metrics(failing_report)
    assert (processing["ProcessingFailures"], processing["ServerErrors"]) == ([1.0], [1.0])
    assert upload["ServerErrors"] == [1.0]
    assert "ProcessingFailures" not in upload


def test_everything_that_the_function_counts_is_on_the_dashboard(
    report: ProcessReport, failing_report: ProcessReport
) -> None:
    counted = {
        (directive["Namespace"], metric["Name"], tuple(sorted(dimensions)))
        for line in metrics(report) + metrics(failing_report)
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
        for dimensions in directive["Dimensions"]
    }
    body = deployed("dev").document("dashboard:Dashboard", key="dashboardBody")
    lines = [line for w in body["widgets"] if w["type"] == "metric" for line in w["properties"]["metrics"]]
    drawn = {(namespace, name, tuple(sorted(rest[:-1:2]))) for namespace, name, *rest in lines}
    assert {metric for metric in drawn if metric[0] == "RoomDetection"} == counted
    variables = deployed("dev").inputs("function:Function")["environment"]["variables"]
    values = {rest[i]: rest[i + 1] for namespace, _, *rest in lines if namespace == "RoomDetection" for i in (0, 2)}
    assert values == {"service": variables["POWERTOOLS_SERVICE_NAME"], "stage": variables["STAGE"]}
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "RoomDetection"


@pytest.fixture
def x_ray_daemon() -> Iterator[socket.socket]:
    """Where the X-Ray daemon listens in Lambda."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        yield daemon


def test_with_tracing_each_call_to_aws_is_an_x_ray_subsegment(
    run_process: Run, x_ray_daemon: socket.socket, aws: AwsServer, detector: DetectorServer
) -> None:
    aws.faults.append(Fault(f"PUT /{BUCKET}/blueprints/", 403, "<Error><Code>AccessDenied</Code></Error>", skip=1))
    report = run_process(
        [*WHOLE_PATH, upload_event(IMAGE)],
        TRACING="true",
        AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{x_ray_daemon.getsockname()[1]}",
        LAMBDA_TASK_ROOT="/var/task",
        _X_AMZN_TRACE_ID="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    )
    assert [answer["statusCode"] for answer in report.answers] == [200, 200, 200, 500]
    segments = [json.loads(x_ray_daemon.recv(65536).split(b"\n", 1)[1]) for _ in range(8)]
    assert [(segment["name"], segment["aws"]["operation"], segment.get("fault", False)) for segment in segments] == [
        ("S3", "PutObject", False),
        ("DynamoDB", "PutItem", False),
        ("DynamoDB", "UpdateItem", False),
        ("S3", "GetObject", False),
        ("SageMaker", "InvokeEndpoint", False),
        ("DynamoDB", "UpdateItem", False),
        ("DynamoDB", "GetItem", False),
        ("S3", "PutObject", True),
    ]
    for segment in segments:
        assert segment["type"] == "subsegment"
        assert segment["namespace"] == "aws"
        assert segment["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
        assert segment["end_time"] >= segment["start_time"]

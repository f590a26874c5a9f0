"""A blueprint's whole way through the project's own program in the local stage, and every way to get it wrong."""

import base64
import io
import json
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.functions.function import MOST_PROCESSES
from local.stack import LocalStack
from tests.local.http_calls import Answer, call
from tests.local.loop_thread import LoopThread
from tests.local.model_servers import ModelServer

pytestmark = pytest.mark.whole

SAMPLE = Path(__file__).resolve().parents[2] / "blueprints" / "sample.png"


def encoded(content: bytes) -> dict[str, Any]:
    return {"image": base64.b64encode(content).decode()}


def picture(width: int = 64, height: int = 64, image_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 255).save(buffer, image_format)
    return buffer.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """A PNG of side x side pixels in a few hundred KB or less: one colour, compressed."""
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()


def two_pages() -> bytes:
    """A PDF with an empty page of 100 x 100 points and a page with the sample plan."""
    buffer = io.BytesIO()
    with Image.open(SAMPLE) as plan:
        Image.new("L", (100, 100), 255).save(buffer, "PDF", save_all=True, append_images=[plan.convert("L")])
    return buffer.getvalue()


@pytest.fixture
def upload(stack: LocalStack) -> Callable[[bytes], Answer]:
    return lambda content: call("POST", f"{stack.api_url}/upload", body=encoded(content))


@pytest.fixture
def process(stack: LocalStack) -> Callable[[str], Answer]:
    return lambda blueprint_id: call("POST", f"{stack.api_url}/process", body={"blueprint_id": blueprint_id})


@pytest.fixture
def status(stack: LocalStack) -> Callable[[str], Answer]:
    return lambda blueprint_id: call("GET", f"{stack.api_url}/status?blueprint_id={blueprint_id}")


@pytest.fixture
def uploaded(upload: Callable[[bytes], Answer]) -> str:
    return upload(picture()).json()["blueprint_id"]


@pytest.fixture
def detector(stack: LocalStack, loop_thread: LoopThread) -> Callable[..., Any]:
    """`with detector(status=500): ...` puts another server behind the endpoint's name; `detector(gone=True)` none."""

    @contextmanager
    def replaced(*, gone: bool = False, **answers: Any) -> Iterator[None]:
        name = stack.outputs["endpointName"]
        original = stack.services.runtime.remove(name)
        try:
            if gone:
                yield
            else:
                server, runner = loop_thread.run(ModelServer(name=name, **answers).start())
                stack.services.runtime.add(server)
                try:
                    yield
                finally:
                    loop_thread.run(runner.cleanup())
        finally:
            stack.services.runtime.add(original)

    return replaced


def test_a_plan_goes_through_upload_process_and_status_and_its_rooms_are_found(
    upload: Callable[[bytes], Answer], process: Callable[[str], Answer], status: Callable[[str], Answer]
) -> None:
    sent = upload(SAMPLE.read_bytes())
    assert sent.status == 200
    blueprint_id = sent.json()["blueprint_id"]
    assert status(blueprint_id).json()["status"] == "uploaded"
    processed = process(blueprint_id)
    assert processed.status == 200
    rooms = processed.json()["detected_rooms"]
    assert len(rooms) == 11, "as many as the schedule on the sheet lists"
    assert [room["confidence"] for room in rooms] == sorted((r["confidence"] for r in rooms), reverse=True)
    record = status(blueprint_id).json()
    assert (record["status"], record["detected_rooms"]) == ("completed", rooms)
    assert not record.keys() & {"s3_key", "ttl"}


def test_a_completed_plan_is_answered_again_without_inference(
    stack: LocalStack, uploaded: str, process: Callable[[str], Answer]
) -> None:
    first = process(uploaded)
    before = len([one for one in stack.calls() if one.action == "sagemaker:InvokeEndpoint"])
    again = process(uploaded)
    assert again.json()["detected_rooms"] == first.json()["detected_rooms"]
    assert len([one for one in stack.calls() if one.action == "sagemaker:InvokeEndpoint"]) == before


def test_every_answer_can_be_read_by_a_browser_of_another_origin(stack: LocalStack) -> None:
    assert call("GET", f"{stack.api_url}/status?blueprint_id=x").headers["access-control-allow-origin"] == "*"
    assert call("GET", f"{stack.api_url}/nowhere").headers["access-control-allow-origin"] == "*"
    preflight = call("OPTIONS", f"{stack.api_url}/upload", headers={"Origin": "https://plans.example"})
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("not json", id="not JSON"),
        pytest.param("[]", id="not an object"),
        pytest.param("{}", id="nothing in it"),
        pytest.param('{"image": 5}', id="image of the wrong type"),
        pytest.param('{"image": ""}', id="empty image"),
        pytest.param('{"image": "%%% not base64 %%%"}', id="not base64"),
        pytest.param("", id="empty body"),
    ],
)
def test_an_upload_that_is_malformed_is_an_invalid_request(stack: LocalStack, body: str) -> None:
    answer = call("POST", f"{stack.api_url}/upload", body=body)
    assert (answer.status, answer.code) == (400, "invalid_request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_an_upload_of_another_content_type_is_checked_too(stack: LocalStack, content_type: str) -> None:
    answer = call("POST", f"{stack.api_url}/upload", body="image=5", headers={"Content-Type": content_type})
    assert (answer.status, answer.code) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "invalid_image", id="SVG"),
        pytest.param(b"<!doctype html><html></html>", "invalid_image", id="HTML"),
        pytest.param(b"just text", "invalid_image", id="text"),
        pytest.param(SAMPLE.read_bytes()[:5000], "invalid_image", id="truncated"),
        pytest.param(two_pages()[:5000], "invalid_image", id="truncated PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + zlib.compress(b"x"), "invalid_image", id="PNG in name only"),
        pytest.param(picture(12_001, 10), "image_too_large", id="more than 12000 px wide"),
        pytest.param(bomb(), "image_too_large", id="bomb"),
    ],
)
def test_an_upload_that_is_not_an_accepted_image_is_refused(
    upload: Callable[[bytes], Answer], content: bytes, code: str
) -> None:
    answer = upload(content)
    assert (answer.status, answer.code) == (400, code)


def test_each_page_of_a_pdf_is_processed_on_request(
    stack: LocalStack, upload: Callable[[bytes], Answer], status: Callable[[str], Answer]
) -> None:
    blueprint_id = upload(two_pages()).json()["blueprint_id"]
    first, second, third = (
        call("POST", f"{stack.api_url}/process", body={"blueprint_id": blueprint_id, "page": number})
        for number in (1, 2, 3)
    )
    assert first.json()["detected_rooms"] == []
    assert first.json()["page"] == {"number": 1, "count": 2}
    assert len(second.json()["detected_rooms"]) == 11
    assert second.json()["page"] == {"number": 2, "count": 2}
    assert (third.status, third.code) == (400, "invalid_request")
    assert "the blueprint has 2 pages" in third.json()["error"]["message"]
    assert status(blueprint_id).json()["detected_rooms"] == second.json()["detected_rooms"]


@pytest.mark.parametrize("page", ["2", 0, 1.5, None, [1]])
def test_a_page_that_is_not_a_whole_number_from_1_is_an_invalid_request(
    stack: LocalStack, uploaded: str, page: object
) -> None:
    answer = call("POST", f"{stack.api_url}/process", body={"blueprint_id": uploaded, "page": page})
    assert (answer.status, answer.code) == (400, "invalid_request")


@pytest.mark.parametrize("size", [4_800_000, 9_000_000])
def test_an_upload_over_the_payload_limits_is_refused(upload: Callable[[bytes], Answer], size: int) -> None:
    answer = upload(b"x" * size)
    assert (answer.status, answer.code) == (413, "payload_too_large")


@pytest.mark.parametrize("route", ["/process", "/status"])
def test_an_id_that_is_not_a_uuid_is_an_invalid_request(stack: LocalStack, route: str) -> None:
    if route == "/process":
        answer = call("POST", f"{stack.api_url}{route}", body={"blueprint_id": "../../etc"})
    else:
        answer = call("GET", f"{stack.api_url}{route}?blueprint_id=plan-7")
    assert (answer.status, answer.code) == (400, "invalid_request")


def test_an_id_that_nobody_uploaded_is_not_found(
    process: Callable[[str], Answer], status: Callable[[str], Answer]
) -> None:
    unknown = str(uuid.uuid4())
    assert (process(unknown).status, process(unknown).code) == (404, "not_found")
    assert (status(unknown).status, status(unknown).code) == (404, "not_found")


def test_an_expired_id_is_not_found(
    stack: LocalStack, uploaded: str, process: Callable[[str], Answer], status: Callable[[str], Answer]
) -> None:
    stack.aws.client("dynamodb").update_item(
        TableName=stack.outputs["tableName"],
        Key={"blueprint_id": {"S": uploaded}},
        UpdateExpression="SET #t = :past",
        ExpressionAttributeNames={"#t": "ttl"},
        ExpressionAttributeValues={":past": {"N": "1000000000"}},
    )
    assert (status(uploaded).code, process(uploaded).code) == ("not_found", "not_found")


@pytest.mark.parametrize("query", ["", "?blueprint_id=", "?id=5"])
def test_a_status_request_without_an_id_is_an_invalid_request(stack: LocalStack, query: str) -> None:
    answer = call("GET", f"{stack.api_url}/status{query}")
    assert (answer.status, answer.code) == (400, "invalid_request")


@pytest.mark.parametrize(("method", "path"), [("GET", "/upload"), ("PUT", "/process"), ("POST", "/rooms")])
def test_a_route_that_does_not_exist_is_not_found(stack: LocalStack, method: str, path: str) -> None:
    answer = call(method, f"{stack.api_url}{path}")
    assert (answer.status, answer.code) == (404, "not_found")


def test_of_two_simultaneous_process_calls_one_detects_and_the_other_is_told_so(
    uploaded: str, process: Callable[[str], Answer], status: Callable[[str], Answer], detector: Callable[..., Any]
) -> None:
    answer = json.dumps({"rooms": [], "image": {"width": 64, "height": 64}}).encode()
    other_told = threading.Event()
    with ThreadPoolExecutor(MOST_PROCESSES) as pool:
        # Both calls find a process that runs: a cold start may take longer than the detector may.
        list(pool.map(status, [uploaded] * MOST_PROCESSES))
        with detector(body=answer, held_until=other_told):
            calls = [pool.submit(process, uploaded) for _ in range(2)]
            told = next(as_completed(calls)).result()
            other_told.set()
            (detected,) = (call.result() for call in calls if call.result() is not told)
    assert (told.status, told.code) == (409, "already_processing")
    assert int(told.headers["retry-after"]) > 0
    assert detected.status == 200
    assert process(uploaded).status == 200, "it is done now"


@pytest.mark.parametrize(
    ("misbehaviour", "expected"),
    [
        pytest.param({"status": 500, "body": b"broken"}, (502, "detector_error"), id="500"),
        pytest.param({"status": 400, "body": b"no"}, (502, "detector_error"), id="400"),
        pytest.param({"body": b"<html>"}, (502, "detector_error"), id="garbage"),
        pytest.param({"body": b'{"rooms": [{"id": 1}]}'}, (502, "detector_error"), id="rooms without boxes"),
        pytest.param({"gone": True}, (503, "unavailable"), id="missing"),
    ],
)
def test_a_plan_that_the_endpoint_fails_on_is_reported_and_can_be_retried(
    uploaded: str,
    process: Callable[[str], Answer],
    status: Callable[[str], Answer],
    detector: Callable[..., Any],
    misbehaviour: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    with detector(**misbehaviour):
        failed = process(uploaded)
    assert (failed.status, failed.code) == expected
    record = status(uploaded).json()
    assert record["status"] == "failed"
    assert record["error"]
    assert process(uploaded).status == 200, "the endpoint is well again"
    assert status(uploaded).json()["status"] == "completed"


def test_a_missing_image_is_reported(
    stack: LocalStack, uploaded: str, process: Callable[[str], Answer], status: Callable[[str], Answer]
) -> None:
    s3, bucket = stack.aws.client("s3"), stack.outputs["bucketName"]
    (key,) = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=f"blueprints/{uploaded}")["Contents"]]
    s3.delete_object(Bucket=bucket, Key=key)
    answer = process(uploaded)
    assert (answer.status, answer.code) == (410, "image_gone")
    assert status(uploaded).json()["status"] == "failed"


def test_the_functions_role_is_recorded_with_every_call_it_makes(
    stack: LocalStack, upload: Callable[[bytes], Answer], process: Callable[[str], Answer]
) -> None:
    blueprint_id = upload(picture(image_format="GIF")).json()["blueprint_id"]
    before = len(stack.calls())
    process(blueprint_id)
    calls = [one for one in stack.calls()[before:] if not one.action.startswith("logs:")]
    table = f"arn:aws:dynamodb:us-east-2:123456789012:table/{stack.outputs['tableName']}"
    endpoint = f"arn:aws:sagemaker:us-east-2:123456789012:endpoint/{stack.outputs['endpointName']}"
    stored = f"arn:aws:s3:::{stack.outputs['bucketName']}/blueprints/{blueprint_id}.gif"
    assert [(one.action, one.resource, one.status) for one in calls] == [
        ("dynamodb:UpdateItem", table, 200),
        ("s3:GetObject", stored, 200),
        ("sagemaker:InvokeEndpoint", endpoint, 200),
        ("dynamodb:UpdateItem", table, 200),
    ]
    assert {one.role.rpartition("/")[2] for one in calls} == {"RoomDetectionLambdaRole-local"}
    assert calls[0].conditions["dynamodb:LeadingKeys"] == [blueprint_id]
    assert {"status", "updated_at"} <= set(calls[0].conditions["dynamodb:Attributes"])
    assert all(one.conditions["aws:SecureTransport"] == ["true"] for one in calls)
    assert all(one.seconds > 0 for one in calls)


def test_no_call_of_a_role_is_recorded_without_its_resource(
    stack: LocalStack, uploaded: str, loop_thread: LoopThread
) -> None:
    loop_thread.run(stack.flush_logs())
    calls = stack.calls()
    assert not [one for one in calls if one.resource is None]
    assert "logs:PutLogEvents" in {one.action for one in calls}, "Lambda writes a function's log with its role"


def test_the_local_api_is_served_at_the_exported_url(stack: LocalStack) -> None:
    assert stack.outputs["apiUrl"] == stack.api_url

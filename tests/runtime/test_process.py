"""Processing: the document's answer, and what becomes of every way in which it goes wrong."""

import json
from collections.abc import Callable

import pytest

from tests.runtime.conftest import (
    BUCKET,
    DETECTED_BY_A_FUNCTION,
    DETECTOR_FUNCTION,
    ENDPOINT,
    FUNCTION_TIMEOUT_SECONDS,
    Caller,
    Records,
)
from tests.runtime.events import event, process_event
from tests.runtime.pictures import base64_text, encoded, plan
from tests.runtime.servers import TWO_ROOMS, AwsServer, DetectorServer, Fault, Reply, rooms_reply

LISTING = '<?xml version="1.0"?><ListBucketResult><KeyCount>{count}</KeyCount></ListBucketResult>'


def test_processing_returns_the_rooms_in_descending_order_of_confidence(client: Caller) -> None:
    blueprint_id = client.uploaded_id()
    answer = client.process(blueprint_id)
    assert answer.status == 200
    assert answer.body == {
        "blueprint_id": blueprint_id,
        "detected_rooms": [
            {
                "id": "room_1",
                "bounding_box": [500, 500, 900, 900],
                "confidence": 0.9877,
                "name_hint": "Lower right, large, wide",
            },
            {
                "id": "room_2",
                "bounding_box": [100, 100, 300, 500],
                "confidence": 0.5432,
                "name_hint": "Upper left, large, tall",
            },
        ],
        "image": {"width": 320, "height": 240},
        "page": {"number": 1, "count": 1},
    }


def test_the_detector_gets_the_image_itself_under_its_content_type(client: Caller, detector: DetectorServer) -> None:
    client.process(client.uploaded_id())
    (sent,) = detector.invocations
    assert sent.path == f"/endpoints/{ENDPOINT}/invocations"
    assert (sent.content_type, sent.accept) == ("image/png", "application/json")


def test_a_detector_that_is_a_function_gets_the_image_as_base64_in_its_event(
    caller: Callable[..., Caller], detector: DetectorServer
) -> None:
    client, content = caller(**DETECTED_BY_A_FUNCTION), encoded(plan())
    answer = client.process(client.uploaded_id(content))
    (sent,) = detector.invocations
    assert sent.path == f"/2015-03-31/functions/{DETECTOR_FUNCTION}/invocations"
    assert json.loads(sent.image) == {"image": base64_text(content)}
    assert [room["confidence"] for room in answer.body["detected_rooms"]] == [0.9877, 0.5432]


def test_status_returns_the_same_rooms_as_process(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = lambda: rooms_reply(([0, 0, 1000, 1000], 1), ([1, 2, 3, 4], 0.1), ([5, 6, 7, 8], 0.3333))
    blueprint_id = client.uploaded_id()
    processed = client.process(blueprint_id).body
    status = client.status(blueprint_id).body
    assert status["status"] == "completed"
    assert {name: status[name] for name in processed} == processed
    assert [type(room["confidence"]) for room in status["detected_rooms"]] == [float] * 3


def test_rooms_are_answered_as_the_detector_gave_them(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = lambda: rooms_reply(([1, 2, 3, 4], 0.12345), ([5, 6, 7, 8], 0.9))
    rooms = client.process(client.uploaded_id()).body["detected_rooms"]
    assert [(room["id"], room["confidence"]) for room in rooms] == [("room_1", 0.12345), ("room_2", 0.9)]


def test_the_answer_says_which_page_of_how_many_was_read_and_how_large_it_is(client: Caller) -> None:
    others = [plan(80, 60)] * 3
    blueprint_id = client.uploaded_id(encoded(plan(1000, 700), "TIFF", save_all=True, append_images=others))
    for answer in (client.process(blueprint_id), client.process(blueprint_id), client.status(blueprint_id)):
        assert answer.body["page"] == {"number": 1, "count": 4}
        assert answer.body["image"] == {"width": 1000, "height": 700}


def test_a_blueprint_completed_before_pages_existed_is_answered_without_a_page(
    client: Caller, records: Records
) -> None:
    blueprint_id = client.uploaded_id()
    client.process(blueprint_id)
    records.forget(blueprint_id, "image", "page")
    assert set(client.process(blueprint_id).body) == {"blueprint_id", "detected_rooms"}
    assert "page" not in client.status(blueprint_id).body


def test_a_plan_without_rooms_is_completed_with_none(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = rooms_reply
    blueprint_id = client.uploaded_id()
    assert client.process(blueprint_id).body["detected_rooms"] == []
    assert client.status(blueprint_id).body["detected_rooms"] == []


def test_a_completed_blueprint_returns_its_rooms_without_inference(client: Caller, detector: DetectorServer) -> None:
    blueprint_id = client.uploaded_id()
    first = client.process(blueprint_id)
    assert client.process(blueprint_id) == first
    assert len(detector.invocations) == 1


def test_an_id_in_capitals_is_the_same_blueprint(client: Caller) -> None:
    blueprint_id = client.uploaded_id()
    assert client.process(blueprint_id.upper()).body["blueprint_id"] == blueprint_id


@pytest.mark.parametrize(
    "value",
    [
        "plan-7",
        "0b0e6f9e8f0c4a6e9d3c5f2b7c1d8e4a",
        "{0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a}",
        "0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a\n",
        "0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4g",
        "../../etc/passwd",
        "x" * 10_000,
        "\ud800",
        "",
        None,
        7,
        ["0b0e6f9e-8f0c-4a6e-9d3c-5f2b7c1d8e4a"],
    ],
)
def test_an_id_that_is_not_a_uuid_is_refused_and_shown_in_part(client: Caller, value: object) -> None:
    answer = client.send(process_event(value))
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert answer.message.startswith("blueprint_id")
    assert len(answer.message) < 200


def test_a_missing_body_is_refused(client: Caller) -> None:
    answer = client.send(event("POST", "/process"))
    assert (answer.status, answer.code) == (400, "invalid_request")


def test_a_process_request_over_lambdas_limit_is_refused(client: Caller) -> None:
    assert client.send(process_event("A" * 6_291_556)).status == 413


def test_an_unknown_blueprint_is_not_found_and_not_created(
    client: Caller, records: Records, detector: DetectorServer, unknown_id: str
) -> None:
    answer = client.process(unknown_id)
    assert (answer.status, answer.code) == (404, "not_found")
    assert records.attributes(unknown_id) == {}
    assert detector.invocations == []


def test_an_expired_blueprint_is_not_found(client: Caller, records: Records, detector: DetectorServer) -> None:
    blueprint_id = client.uploaded_id()
    records.expire(blueprint_id)
    assert (client.process(blueprint_id).code, client.status(blueprint_id).code) == ("not_found", "not_found")
    assert detector.invocations == []


def test_a_completed_blueprint_that_has_expired_is_not_found(client: Caller, records: Records) -> None:
    blueprint_id = client.uploaded_id()
    client.process(blueprint_id)
    records.expire(blueprint_id)
    assert (client.process(blueprint_id).status, client.status(blueprint_id).status) == (404, 404)


def test_a_missing_image_fails_the_record(client: Caller, s3) -> None:
    blueprint_id = client.uploaded_id()
    s3.delete_object(Bucket=BUCKET, Key=f"blueprints/{blueprint_id}.png")
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (410, "image_gone")
    status = client.status(blueprint_id).body
    assert (status["status"], status["error"]) == ("failed", answer.message)


@pytest.mark.parametrize(("listed", "status"), [(0, 410), (1, 500)], ids=["gone", "forbidden"])
def test_access_denied_means_gone_only_if_the_image_is_not_listed(
    client: Caller, aws: AwsServer, listed: int, status: int
) -> None:
    blueprint_id = client.uploaded_id()
    aws.faults.append(Fault(f"GET /{BUCKET}/blueprints/", 403, "<Error><Code>AccessDenied</Code></Error>"))
    aws.faults.append(Fault(f"GET /{BUCKET}", 200, LISTING.format(count=listed)))
    assert client.process(blueprint_id).status == status
    assert client.status(blueprint_id).body["status"] == "failed"


def test_a_stored_image_that_became_unreadable_counts_as_gone(client: Caller, s3) -> None:
    blueprint_id = client.uploaded_id()
    s3.put_object(Bucket=BUCKET, Key=f"blueprints/{blueprint_id}.png", Body=b"no image any more")
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (410, "image_gone")


def test_a_throttled_s3_fails_the_record_until_the_next_try(client: Caller, aws: AwsServer) -> None:
    blueprint_id = client.uploaded_id()
    aws.faults.append(Fault(f"GET /{BUCKET}/blueprints/", 503, "<Error><Code>SlowDown</Code></Error>"))
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.status(blueprint_id).body["error"] == answer.message
    aws.faults.clear()
    assert client.process(blueprint_id).status == 200


def test_a_table_throttled_from_the_start_leaves_the_blueprint_as_it_was(
    client: Caller, aws: AwsServer, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id()
    aws.throttle_table("UpdateItem")
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) < FUNCTION_TIMEOUT_SECONDS
    assert detector.invocations == []
    aws.faults.clear()
    assert client.status(blueprint_id).body["status"] == "uploaded"
    assert client.process(blueprint_id).status == 200


def test_a_table_throttled_after_the_start_says_when_the_blueprint_can_be_taken_over(
    client: Caller, aws: AwsServer, records: Records
) -> None:
    blueprint_id = client.uploaded_id()
    aws.throttle_table("UpdateItem", skip=1)
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= FUNCTION_TIMEOUT_SECONDS
    aws.faults.clear()
    assert client.process(blueprint_id).status == 409
    records.age(blueprint_id)
    assert client.process(blueprint_id).status == 200


def test_rooms_that_cannot_be_stored_leave_the_blueprint_ready_for_another_try(client: Caller, aws: AwsServer) -> None:
    blueprint_id = client.uploaded_id()
    aws.throttle_table("UpdateItem", skip=1, times=2)  # both tries to complete, not the one to mark it failed
    answer = client.process(blueprint_id)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) < FUNCTION_TIMEOUT_SECONDS
    assert client.status(blueprint_id).body["status"] == "failed"
    assert client.process(blueprint_id).status == 200


def test_the_original_error_is_answered_when_the_failure_cannot_be_recorded(
    client: Caller, aws: AwsServer, detector: DetectorServer
) -> None:
    detector.behaviour = lambda: rooms_reply(([5, 5, 1, 1], 0.5))
    blueprint_id = client.uploaded_id()
    aws.throttle_table("UpdateItem", skip=1)
    answer = client.process(blueprint_id)
    assert (answer.status, answer.code) == (502, "detector_error")


def test_a_start_whose_answer_was_lost_is_recognised_as_done(
    client: Caller, aws: AwsServer, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id()
    aws.lost_answers.append("UpdateItem")
    assert client.process(blueprint_id).status == 200
    assert len(detector.invocations) == 1


def test_a_completion_whose_answer_was_lost_is_recognised_as_done(
    client: Caller, aws: AwsServer, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id()

    def lose_the_next_write() -> Reply:
        aws.lost_answers.append("UpdateItem")
        return TWO_ROOMS

    detector.behaviour = lose_the_next_write
    processed = client.process(blueprint_id)
    assert processed.status == 200
    assert client.status(blueprint_id).body["detected_rooms"] == processed.body["detected_rooms"]

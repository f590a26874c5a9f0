"""Reading a blueprint's status."""

import pytest

from tests.runtime.conftest import Caller, Records
from tests.runtime.events import event
from tests.runtime.servers import AwsServer, DetectorServer, Reply


def test_a_fresh_upload_shows_its_state_and_times_and_nothing_internal(client: Caller, records: Records) -> None:
    blueprint_id = client.uploaded_id()
    created_at = int(records.attributes(blueprint_id)["created_at"]["N"])
    answer = client.status(blueprint_id)
    assert answer.status == 200
    assert answer.body == {
        "blueprint_id": blueprint_id,
        "status": "uploaded",
        "created_at": created_at,
        "updated_at": created_at,
    }
    assert type(answer.body["created_at"]) is int


def test_a_completed_blueprint_shows_its_rooms_and_nothing_internal(client: Caller) -> None:
    blueprint_id = client.uploaded_id()
    client.process(blueprint_id)
    assert set(client.status(blueprint_id).body) == {
        "blueprint_id",
        "status",
        "created_at",
        "updated_at",
        "detected_rooms",
        "image",
        "page",
    }


def test_a_failed_blueprint_shows_why_and_nothing_internal(client: Caller, detector: DetectorServer) -> None:
    detector.behaviour = lambda: Reply(500)
    blueprint_id = client.uploaded_id()
    client.process(blueprint_id)
    assert set(client.status(blueprint_id).body) == {"blueprint_id", "status", "created_at", "updated_at", "error"}


def test_an_id_in_capitals_is_the_same_blueprint(client: Caller) -> None:
    blueprint_id = client.uploaded_id()
    assert client.status(blueprint_id.upper()).body["blueprint_id"] == blueprint_id


def test_an_unknown_blueprint_is_not_found(client: Caller, unknown_id: str) -> None:
    answer = client.status(unknown_id)
    assert (answer.status, answer.code) == (404, "not_found")
    assert unknown_id in answer.message


@pytest.mark.parametrize("query", [None, {}, {"id": "x"}, {"blueprint_id": ""}])
def test_a_missing_id_is_refused(client: Caller, query: dict[str, str] | None) -> None:
    answer = client.send(event("GET", "/status", query=query))
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert "blueprint_id is missing" in answer.message


def test_a_malformed_id_is_refused(client: Caller) -> None:
    answer = client.status("plan-7")
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert "'plan-7'" in answer.message


def test_a_throttled_table_is_an_answer_that_says_when_to_try_again(
    client: Caller, aws: AwsServer, unknown_id: str
) -> None:
    aws.throttle_table("GetItem")
    answer = client.status(unknown_id)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0

"""Two calls on one blueprint: one infers, nothing is overwritten, nobody is locked out for good."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.runtime.conftest import Answer, Caller, Records
from tests.runtime.servers import DetectorServer, Reply, rooms_reply

FIRST = rooms_reply(([0, 0, 100, 100], 0.9))
SECOND = rooms_reply(([500, 500, 600, 600], 0.8))


@dataclass
class HeldDetector:
    """An endpoint that keeps its first caller waiting until released."""

    first_reply: Reply
    entered: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> Reply:
        if self.entered.is_set():
            return SECOND
        self.entered.set()
        self.released.wait(30)
        return self.first_reply


def overlapping(
    client: Caller, blueprint_id: str, held: HeldDetector, meanwhile: Callable[[], Answer]
) -> tuple[Answer, Answer]:
    """The answers of a slow call and of what happens while it runs."""
    with ThreadPoolExecutor(1) as executor:
        slow = executor.submit(client.process, blueprint_id)
        assert held.entered.wait(30)
        try:
            second = meanwhile()
        finally:
            held.released.set()
        return slow.result(), second


def test_of_two_simultaneous_calls_one_infers_and_the_other_is_told_to_wait(
    client: Caller, detector: DetectorServer
) -> None:
    blueprint_id = client.uploaded_id()
    detector.behaviour = held = HeldDetector(FIRST)
    first, second = overlapping(client, blueprint_id, held, lambda: client.process(blueprint_id))
    assert first.status == 200
    assert (second.status, second.code) == (409, "already_processing")
    assert int(second.headers["Retry-After"]) > 0
    assert len(detector.invocations) == 1


def test_a_blueprint_being_processed_says_so(client: Caller, detector: DetectorServer) -> None:
    blueprint_id = client.uploaded_id()
    detector.behaviour = held = HeldDetector(FIRST)
    _, status = overlapping(client, blueprint_id, held, lambda: client.status(blueprint_id))
    assert status.body["status"] == "processing"
    assert set(status.body) == {"blueprint_id", "status", "created_at", "updated_at"}


def test_a_blueprint_whose_function_was_killed_is_taken_over(
    client: Caller, detector: DetectorServer, records: Records
) -> None:
    blueprint_id = client.uploaded_id()
    detector.behaviour = held = HeldDetector(FIRST)

    def take_over() -> Answer:
        records.age(blueprint_id)
        return client.process(blueprint_id)

    late, second = overlapping(client, blueprint_id, held, take_over)
    assert second.status == 200
    assert [room["bounding_box"] for room in second.body["detected_rooms"]] == [[500, 500, 600, 600]]
    assert late == second, "the late call answers what the record holds"
    assert client.status(blueprint_id).body["detected_rooms"] == second.body["detected_rooms"]


@pytest.mark.parametrize("late_reply", [FIRST, Reply(500)], ids=["done", "failed"])
def test_a_late_call_does_not_disturb_the_one_that_took_over(
    client: Caller, detector: DetectorServer, records: Records, late_reply: Reply
) -> None:
    blueprint_id = client.uploaded_id()
    second_held = HeldDetector(SECOND)
    first_held = HeldDetector(late_reply)
    behaviours = iter((first_held, second_held))
    detector.behaviour = lambda: next(behaviours)()

    with ThreadPoolExecutor(2) as executor:
        late = executor.submit(client.process, blueprint_id)
        assert first_held.entered.wait(30)
        records.age(blueprint_id)
        second = executor.submit(client.process, blueprint_id)
        assert second_held.entered.wait(30)
        first_held.released.set()
        late_answer = late.result()
        in_between = client.status(blueprint_id).body
        second_held.released.set()

    assert late_answer.status == (409 if late_reply is FIRST else 502)
    assert in_between["status"] == "processing"
    assert second.result().status == 200
    assert client.status(blueprint_id).body["detected_rooms"] == second.result().body["detected_rooms"]


def test_a_failed_blueprint_is_processed_again_without_its_old_error(client: Caller, detector: DetectorServer) -> None:
    blueprint_id = client.uploaded_id()
    detector.behaviour = lambda: Reply(500)
    client.process(blueprint_id)
    assert client.status(blueprint_id).body["status"] == "failed"
    detector.behaviour = held = HeldDetector(FIRST)
    answer, status = overlapping(client, blueprint_id, held, lambda: client.status(blueprint_id))
    assert status.body["status"] == "processing"
    assert "error" not in status.body
    assert answer.status == 200
    assert client.status(blueprint_id).body["status"] == "completed"

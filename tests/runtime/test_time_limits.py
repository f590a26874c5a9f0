"""Everything ends before API Gateway gives up."""

import threading

import pytest

from pictures import limits
from runtime import time_budget
from runtime.stores.aws import within
from runtime.time_budget import TimeBudget


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test sets: its one element is the time."""
    now = [1000.0]
    monkeypatch.setattr(time_budget.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("elapsed", "seconds"), [(0, 20), (1, 20), (2, 19), (11, 10), (21, 0), (40, 0)])
def test_the_detector_gets_its_limit_or_what_two_final_writes_leave(
    clock: list[float], elapsed: float, seconds: float
) -> None:
    budget = TimeBudget()
    clock[0] += elapsed
    assert budget.detector_seconds(20) == seconds


def test_the_worst_request_ends_before_the_gateway_gives_up(clock: list[float]) -> None:
    budget = TimeBudget()
    clock[0] += time_budget.RECORD_SECONDS + time_budget.IMAGE_GET_SECONDS
    clock[0] += limits.OPEN_SECONDS + limits.DECODE_SECONDS
    clock[0] += budget.detector_seconds(20) + 2 * time_budget.RECORD_SECONDS
    assert time_budget.BEFORE_HANDLER_SECONDS + budget.elapsed_seconds <= time_budget.GATEWAY_TIMEOUT_SECONDS


def test_the_worst_upload_ends_before_the_gateway_gives_up() -> None:
    seconds = limits.OPEN_SECONDS + limits.DECODE_SECONDS + time_budget.IMAGE_PUT_SECONDS + time_budget.RECORD_SECONDS
    assert time_budget.BEFORE_HANDLER_SECONDS + seconds <= time_budget.GATEWAY_TIMEOUT_SECONDS


def test_a_call_that_blocks_is_abandoned() -> None:
    blocked = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.05, blocked.wait)
    blocked.set()


def test_a_call_in_time_gives_its_result_or_its_error() -> None:
    assert within(30, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(30, lambda: 1 / 0)

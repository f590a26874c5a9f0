"""Queues: against simpy event by event, and against the known formulas."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import simpy

from operations.capacity.queueing import serve, throttle

NEVER = float("inf")


def waits_event_by_event(arrivals: np.ndarray, times: np.ndarray) -> list[float]:
    environment = simpy.Environment()
    server, waits = simpy.Resource(environment), [0.0] * len(arrivals)

    def request(number: int) -> Generator[simpy.Event, Any, None]:
        yield environment.timeout(arrivals[number])
        with server.request() as turn:
            yield turn
            waits[number] = environment.now - arrivals[number]
            yield environment.timeout(times[number])

    for number in range(len(arrivals)):
        environment.process(request(number))
    environment.run()
    return waits


def test_the_queue_matches_simpys_event_by_event():
    random = np.random.default_rng(7)
    arrivals, times = np.cumsum(random.exponential(1.0, 2000)), random.exponential(0.9, 2000)
    waits, free_at = serve(arrivals, times, 0.0, NEVER)
    assert waits == pytest.approx(waits_event_by_event(arrivals, times))
    assert free_at == pytest.approx((arrivals + waits + times).max())


def test_a_queue_continues_from_its_earlier_state():
    random = np.random.default_rng(8)
    arrivals, times = np.cumsum(random.exponential(1.0, 500)), random.exponential(0.9, 500)
    whole, _ = serve(arrivals, times, 0.0, NEVER)
    first, free_at = serve(arrivals[:200], times[:200], 0.0, NEVER)
    second, _ = serve(arrivals[200:], times[200:], free_at, NEVER)
    assert np.concatenate([first, second]) == pytest.approx(whole)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
@pytest.mark.parametrize(("kind", "share"), [("M/M/1", 1.0), ("M/D/1", 0.5)])
def test_the_mean_wait_is_that_of_the_formula(kind: str, share: float, load: float):
    """Pollaczek and Khinchine: load / (1 - load) services, half of it where all services are equal."""
    random = np.random.default_rng(9)
    count = 400_000
    arrivals = np.cumsum(random.exponential(1 / load, count))
    times = random.exponential(1.0, count) if kind == "M/M/1" else np.ones(count)
    waits, _ = serve(arrivals, times, 0.0, NEVER)
    assert waits.mean() == pytest.approx(share * load / (1 - load), rel=0.05)


def test_a_request_that_would_wait_too_long_is_refused_and_delays_no_other():
    # Each works 2 s; the third would wait 4 s, the fourth comes when the second is under way.
    waits, free_at = serve(np.array([0.0, 0.0, 0.0, 2.5]), np.full(4, 2.0), 0.0, longest_wait=3.0)
    assert np.isnan(waits).tolist() == [False, False, True, False]
    assert waits[[0, 1, 3]].tolist() == [0.0, 2.0, 1.5]
    assert free_at == 6.0


def test_without_requests_the_server_stays_as_it_was():
    waits, free_at = serve(np.empty(0), np.empty(0), 5.0, 1.0)
    assert (len(waits), free_at) == (0, 5.0)


def sent(arrivals: list[float], patience: float = 30.0) -> np.ndarray:
    return throttle(np.array(arrivals), requests_per_plan=3, rate=6, burst=12, patience_seconds=patience)


def test_a_plan_within_the_rate_passes_at_once():
    assert sent([0.0, 0.5, 1.2, 2.9]).tolist() == [0.0, 0.5, 1.2, 2.9]


def test_a_burst_passes_up_to_its_limit_and_the_rest_follows_at_the_rate_in_order():
    # 12 tokens are four plans, 6 a second are two.
    assert sent([0.2] * 8).tolist() == [0.2] * 4 + [1.0, 1.5, 2.0, 2.5]


def test_plans_that_waited_pass_one_by_one_and_later_ones_behind_them():
    passed = sent([0.2] * 5 + [1.1, 1.2]).tolist()
    assert passed == [0.2] * 4 + [1.0, 1.5, 2.0]


def test_a_client_that_waits_longer_than_its_patience_gives_up():
    passed = sent([0.2] * 10, patience=1.5)
    assert passed[:6].tolist() == [0.2] * 4 + [1.0, 1.5]
    assert np.isnan(passed[6:]).all()
    assert len(sent([])) == 0

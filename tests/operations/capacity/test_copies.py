"""A detector whose copies are paid by their use: against theory, and its cold starts and refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest

from operations.capacity import copies
from operations.capacity.copies import CopyLimits, simulate_copies
from operations.capacity.outcome import Summary
from operations.capacity.traffic import Traffic

WARM = CopyLimits(
    service_seconds=0.1,
    variation=0.0,
    fixed_seconds=0.0,
    timeout_seconds=20.0,
    most_copies=100,
    initial_copies=100,
    idle_seconds=1e9,
    cold_start_seconds=4.0,
)


def simulated(arrivals: list[float], limits: CopyLimits) -> Summary:
    times = np.array(arrivals)
    return simulate_copies(times, times, seconds=600.0, limits=limits, random=np.random.default_rng(1))


def erlang_b(offered: float, servers: int) -> float:
    """The share that is refused where `servers` are offered so much work (A. K. Erlang, 1917)."""
    terms = [offered**number / math.factorial(number) for number in range(servers + 1)]
    return terms[-1] / sum(terms)


@pytest.mark.parametrize("variation", [0.0, 1.0])
def test_the_share_of_requests_without_a_copy_follows_erlangs_formula(variation: float):
    """It depends on the mean of the work alone."""
    random = np.random.default_rng(5)
    arrivals = Traffic(name="test", rates=np.full(120, 40.0)).arrivals(random)
    limits = replace(WARM, variation=variation, most_copies=5, initial_copies=5)
    summary = simulate_copies(arrivals, arrivals, seconds=7200.0, limits=limits, random=random)
    assert summary.refused_share == pytest.approx(erlang_b(4.0, 5), rel=0.05)
    assert summary.compute_seconds == pytest.approx(0.1 * summary.answered, rel=0.01)


def test_the_first_request_of_a_copy_waits_for_its_start_and_pays_for_it():
    summary = simulated([0.0, 10.0], replace(WARM, initial_copies=0))
    assert summary.cold_start_share == 0.5
    assert summary.compute_seconds == pytest.approx(4.1 + 0.1)
    assert summary.latencies[2] == pytest.approx(4.1, rel=0.02)


def test_an_idle_copy_ends_after_its_time():
    limits = replace(WARM, initial_copies=0, idle_seconds=60.0)
    assert simulated([0.0, 64.0], limits).cold_start_share == 0.5, "idle since 4.1"
    assert simulated([0.0, 65.0], limits).cold_start_share == 1.0


def test_each_concurrent_request_needs_a_copy_and_the_rest_are_refused():
    summary = simulated([1.0] * 10, replace(WARM, most_copies=4, initial_copies=2))
    assert (summary.refused_share, summary.cold_start_share) == (0.6, 0.2)
    assert summary.instances.tolist() == [4] + [0] * 9
    assert summary.errors_by_minute[0] == 6


def test_a_start_that_takes_longer_than_the_function_waits_is_too_late():
    assert simulated([0.0], replace(WARM, initial_copies=0, cold_start_seconds=30.0)).late_share == 1.0


def test_for_many_plans_a_sample_of_minutes_represents_all(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(6)
    arrivals = Traffic(name="test", rates=np.full(60, 40.0)).arrivals(random)
    limits = replace(WARM, most_copies=5, initial_copies=5)
    monkeypatch.setattr(copies, "PLANS_SIMULATED_AT_MOST", len(arrivals) // 4)
    summary = simulate_copies(arrivals, arrivals, seconds=3600.0, limits=limits, random=random)
    assert summary.plans == pytest.approx(len(arrivals), rel=0.03)
    assert summary.refused_share == pytest.approx(erlang_b(4.0, 5), rel=0.1)
    assert len(summary.instances) == 60
    assert summary.instances.min() > 0

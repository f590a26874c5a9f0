"""An endpoint over time: its latency against theory, its fleet against the policies."""

import math
from dataclasses import replace

import numpy as np
import pytest

from operations.capacity.endpoint import METRIC_DELAY_MINUTES, EndpointLimits, simulate_endpoint
from operations.capacity.outcome import Summary
from operations.capacity.scaling import OUT_MINUTES, LatencyStep, TargetTracking
from operations.capacity.traffic import Traffic

ONE = EndpointLimits(
    service_seconds=0.05,
    variation=0.0,
    fixed_seconds=0.0,
    queue_seconds=15.0,
    timeout_seconds=20.0,
    start_seconds=300.0,
    least_instances=1,
    most_instances=1,
    initial_instances=1,
)


def simulated(
    rates: list[float],
    limits: EndpointLimits = ONE,
    *,
    target: float = 600.0,
    latency_limit: float = 60.0,
    given_up: int = 0,
) -> Summary:
    """The endpoint under plans at these rates a minute, of which the first `given_up` never pass the API."""
    random = np.random.default_rng(11)
    traffic = Traffic(name="test", rates=np.array(rates))
    arrivals = traffic.arrivals(random)
    sent = arrivals.copy()
    sent[:given_up] = np.nan
    return simulate_endpoint(
        arrivals,
        sent,
        seconds=traffic.seconds,
        limits=limits,
        tracking=TargetTracking(target=target, out_cooldown_seconds=60, in_cooldown_seconds=300),
        step=LatencyStep(limit_seconds=latency_limit, step=1, cooldown_seconds=60),
        random=random,
    )


def test_latencies_are_those_of_independent_m_m_1_queues():
    """Requests go to an instance at random, so each of three is an M/M/1 queue, whose latency is exponential."""
    three = replace(ONE, variation=1.0, most_instances=3, least_instances=3, initial_instances=3)
    mean = 1 / (1 / 0.05 - 36.0 / 3)
    p50, p95, p99 = simulated([36.0] * 200, three).latencies
    assert p50 == pytest.approx(mean * math.log(2), rel=0.05)
    assert p95 == pytest.approx(mean * math.log(20), rel=0.05)
    assert p99 == pytest.approx(mean * math.log(100), rel=0.08)


def test_the_fleet_grows_once_the_alarm_the_metric_and_the_start_have_had_their_time():
    summary = simulated([15.0] * 30, replace(ONE, most_instances=4), target=600)
    ready_at = OUT_MINUTES + METRIC_DELAY_MINUTES + 5
    assert summary.instances[:ready_at].max() == 1
    assert summary.instances[ready_at:].tolist() == [2] * (30 - ready_at), "900 a minute at 600 each"
    # The one that starts is paid from the decision on.
    assert summary.instance_hours == pytest.approx((30 + 30 - ready_at + 5) / 60)


def test_the_fleet_stays_between_its_minimum_and_maximum():
    assert simulated([60.0] * 30, replace(ONE, most_instances=2, queue_seconds=1.0)).instances.max() == 2
    down = replace(ONE, least_instances=2, most_instances=5, initial_instances=5)
    assert simulated([1.0] * 60, down).instances[[0, -1]].tolist() == [5, 2]


def test_a_slow_endpoint_below_its_target_grows_by_the_latency_alarm():
    # 19 a second are 95 % of what it can do: under the target of 2,000 a minute, and slow.
    summary = simulated([19.0] * 60, replace(ONE, variation=1.0, most_instances=3), target=2000, latency_limit=0.3)
    assert summary.instances.max() > 1


def test_nothing_changes_while_an_instance_starts():
    slow_start = replace(ONE, most_instances=9, start_seconds=1200.0, queue_seconds=1.0)
    # At first 20 a second need 2 instances, soon 60 need 6: the second wish has to wait.
    summary = simulated([20.0] * 6 + [60.0] * 40, slow_start)
    assert sorted(set(summary.instances.tolist())) == [1, 2, 6]


def test_a_full_queue_refuses_and_a_long_one_is_too_late():
    refused = simulated([40.0] * 20, replace(ONE, queue_seconds=15.0))
    assert refused.refused_share == pytest.approx(0.5, abs=0.05), "40 a second of which it can do 20"
    assert refused.late_share == 0
    late = simulated([40.0] * 20, replace(ONE, queue_seconds=60.0))
    assert late.late_share > 0.3
    assert max(seconds for seconds in late.p95_by_minute if seconds is not None) <= 20.0


def test_plans_that_never_pass_the_api_count_as_throttled_and_not_as_refused_or_late():
    summary = simulated([1.0] * 10, given_up=100)
    assert summary.throttled_share * summary.plans == pytest.approx(100)
    assert (summary.refused_share, summary.late_share) == (0, 0)
    assert summary.errors_by_minute.sum() == 100


def test_without_plans_there_is_an_endpoint_and_no_latency():
    summary = simulated([0.0] * 10)
    assert summary.latencies == (None, None, None)
    assert summary.instance_hours == pytest.approx(10 / 60)
    assert summary.as_json()["latency_ms"] == {"p50": None, "p95": None, "p99": None}

"""Plans over time: volumes and shapes."""

import numpy as np
import pytest

from operations.capacity import traffic


def test_a_day_has_its_share_of_the_months_plans():
    rates = traffic.day_rates(3_000_000)
    assert len(rates) == 24 * 60
    assert rates.sum() * 60 == pytest.approx(3_000_000 / traffic.DAYS_PER_MONTH)
    assert rates.max() > 2 * rates.mean() > 4 * rates.min(), "offices sleep"


def test_plans_come_at_the_minutes_rates_and_in_order():
    shape = traffic.Traffic(name="step", rates=np.array([0.0, 50.0, 0.0, 100.0]))
    arrivals = shape.arrivals(np.random.default_rng(1))
    counts = np.bincount((arrivals // 60).astype(int), minlength=4)
    assert (counts[0], counts[2]) == (0, 0)
    assert counts[1] == pytest.approx(3000, abs=5 * np.sqrt(3000))
    assert counts[3] == pytest.approx(6000, abs=5 * np.sqrt(6000))
    assert (np.diff(arrivals) >= 0).all()


def test_a_burst_comes_at_once_on_top_of_the_rest():
    arrivals = traffic.burst(0).arrivals(np.random.default_rng(1))
    assert arrivals.tolist() == [traffic.BURST_AT_SECONDS] * traffic.OFFICE_PLANS


def test_a_launch_rises_to_a_multiple_of_the_average_and_fades():
    rates = traffic.launch(1_000_000).rates / traffic.mean_rate(1_000_000)
    assert rates[: traffic.LAUNCH_AT_MINUTE].tolist() == [1.0] * traffic.LAUNCH_AT_MINUTE
    assert rates.max() == pytest.approx(traffic.LAUNCH_FACTOR)
    assert rates[-1] < 1.5

"""When the policies add and remove instances."""

import pytest

from operations.capacity.scaling import Datapoint, LatencyStep, TargetTracking


def tracking(out_cooldown: float = 60, in_cooldown: float = 300) -> TargetTracking:
    return TargetTracking(target=100, out_cooldown_seconds=out_cooldown, in_cooldown_seconds=in_cooldown)


def point(invocations: int, instances: int = 1, p95: float | None = 0.1) -> Datapoint:
    return Datapoint(invocations=invocations, instances=instances, p95_seconds=p95)


def minutes(policy: TargetTracking | LatencyStep, points: list[Datapoint], instances: int) -> list[int]:
    return [policy.wanted(60.0 * minute, one, instances) for minute, one in enumerate(points)]


def test_three_minutes_above_the_target_ask_for_what_the_last_one_needs():
    assert minutes(tracking(), [point(150), point(150), point(430)], 1) == [1, 1, 5]


def test_a_minute_that_is_not_above_the_target_restarts_the_count():
    assert minutes(tracking(), [point(150), point(150), point(100), point(150), point(150)], 1) == [1] * 5


def test_nothing_is_added_while_the_cooldown_runs():
    policy = tracking(out_cooldown=120)
    assert minutes(policy, [point(150)] * 3, 1) == [1, 1, 2]
    policy.scaled(120.0, +1)
    assert policy.wanted(180.0, point(450, 2), 2) == 2
    assert policy.wanted(240.0, point(450, 2), 2) == 5


def test_fifteen_minutes_below_nine_tenths_keep_what_the_busiest_of_them_needs():
    quiet = [point(300, 4)] * 14
    assert minutes(tracking(), [*quiet, point(120, 4)], 4) == [4] * 14 + [3]
    almost = [point(361, 4)] * 15
    assert minutes(tracking(), almost, 4) == [4] * 15, "more than nine tenths of 100 on each of four"


def test_the_next_instance_is_removed_after_the_cooldown():
    policy = tracking(in_cooldown=300)
    assert minutes(policy, [point(60, 4)] * 15, 4)[-1] == 1
    policy.scaled(840.0, -1)
    assert policy.wanted(900.0, point(60, 3), 3) == 3
    assert policy.wanted(1140.0, point(60, 3), 3) == 1


@pytest.mark.parametrize(
    ("p95", "wanted"), [([0.6] * 3, [1, 1, 3]), ([0.6, 0.6, 0.4, 0.6], [1] * 4), ([None] * 4, [1] * 4)]
)
def test_a_slow_p95_three_minutes_in_a_row_adds_the_step(p95: list[float | None], wanted: list[int]):
    policy = LatencyStep(limit_seconds=0.5, step=2, cooldown_seconds=60)
    assert minutes(policy, [point(10, p95=seconds) for seconds in p95], 1) == wanted


def test_the_alarm_adds_again_after_its_cooldown_while_it_lasts():
    policy = LatencyStep(limit_seconds=0.5, step=1, cooldown_seconds=120)
    assert minutes(policy, [point(10, p95=1.0)] * 3, 1)[-1] == 2
    policy.scaled(120.0, +1)
    assert policy.wanted(180.0, point(10, p95=1.0), 2) == 2
    assert policy.wanted(240.0, point(10, p95=1.0), 2) == 3

"""The settings that a traffic needs."""

import pytest

from operations.capacity.advice import advised, changes, recommended_target
from operations.capacity.limits import limits
from operations.capacity.stage import INFERENCES
from tests.operations.capacity.stages import stage


def test_the_target_is_half_of_what_an_instance_can_do_in_a_minute():
    assert recommended_target(18) == 18 * 60 * 0.5


@pytest.mark.parametrize("inference", INFERENCES)
@pytest.mark.parametrize("peak", [0.01, 5.0, 80.0, 300.0])
def test_settings_advised_for_a_peak_hold_at_that_peak(inference, peak: float):
    fitting = advised(stage(), inference, peak, ahead=False)
    used = {limit.name: limit.used(peak, peak) for limit in limits(fitting, inference)}
    assert max(used.values()) < 1, used


def test_settings_that_are_enough_stay_as_they_are():
    for inference in ("serverless", "lambda"):
        assert advised(stage(), inference, 1.0, ahead=False) == stage()
    large = stage(api={"rateLimit": 5000.0, "burstLimit": 300}, endpoint={"maxInstances": 90})
    assert changes(large, advised(large, "endpoint", 10.0, ahead=False), "endpoint") == {
        "endpoint.targetInvocationsPerMinute": "540"
    }


def test_for_a_launch_the_instances_are_started_before_it():
    # 45 plans/s are 2,700 a minute, 540 an instance.
    ready = advised(stage(), "endpoint", 45.0, ahead=True).settings.endpoint
    assert (ready.min_instances, ready.max_instances) == (5, 8)


def test_limits_that_are_not_settings_are_requests_to_aws():
    told = changes(stage(), advised(stage(), "lambda", 900.0, ahead=False), "lambda")
    assert int(told["Lambda's quota of calls at once"].replace(",", "")) > 1000
    capped = advised(stage(), "serverless", 5000.0, ahead=False)
    assert capped.settings.serverless.max_concurrency == 200
    assert capped.settings.api.rate_limit == 10_000

"""What breaks first."""

import pytest

from components.naming import Inference
from operations.capacity.limits import Limit, limits
from tests.operations.capacity.stages import stage


def found(inference: Inference, **settings: object) -> dict[str, Limit]:
    return {limit.name.split(" ")[0]: limit for limit in limits(stage(**settings), inference)}


def test_the_defaults_break_at_the_table_then_the_throttle_then_the_endpoint():
    ordered = limits(stage(), "endpoint")
    assert [limit.name for limit in ordered[:3]] == [
        "table.maxCapacity 100",
        "api.rateLimit 100/s",
        "endpoint.maxInstances 3",
    ]
    assert [limit.plans_per_second for limit in ordered[:3]] == pytest.approx([100 / 4, 100 / 3, 3 * 18])


def test_an_on_demand_table_has_the_quota_of_a_table():
    assert found("endpoint", table={"onDemand": True})["DynamoDB's"].plans_per_second == 10_000


def test_each_inference_has_its_own_limit():
    assert found("serverless")["serverless.maxConcurrency"].plans_per_second == pytest.approx(94.4, abs=0.1)
    # Two vCPUs, one core.
    reserved = found("lambda", detectorFunction={"reservedConcurrency": 50, "memoryMb": 3538})
    assert reserved["detectorFunction.reservedConcurrency"].plans_per_second == pytest.approx(50 / (1 / 9 + 0.01))
    assert not {"endpoint.maxInstances", "serverless.maxConcurrency"} & set(found("lambda"))


def test_a_detector_in_a_function_takes_calls_from_the_same_quota():
    calls = {inference: found(inference)["Lambda's"].plans_per_second for inference in ("endpoint", "lambda")}
    assert calls["lambda"] < calls["endpoint"]


def test_the_quota_of_a_key_is_compared_with_the_days_average():
    quota = found("endpoint", api={"apiKeys": True, "quotaLimit": 8640 * 3})["api.quotaLimit"]
    assert quota.plans_per_second == pytest.approx(0.1)
    assert quota.used(mean=0.05, peak=100.0) == pytest.approx(0.5)
    assert "api.quotaLimit" not in found("endpoint")

"""Bills, against sums by hand."""

from collections.abc import Sequence

import pytest

from components.naming import Inference
from components.settings.stage import StageSettings
from operations.capacity.bills import CUSTOM_METRICS, Line, alarm_metrics, monthly_bill, total
from operations.capacity.stage import INFERENCES, WRITE_UNITS_PER_PLAN
from program.run import run_program
from program.stage_file import read_stage
from runtime import metrics
from runtime.stores.blueprint_records import _serialised
from tests.components.recorder import DIGEST, Graph, RecorderMocks
from tests.operations.capacity.stages import stage

MILLION = 1_000_000


def bill(inference: Inference, plans: float, **settings: object) -> list[Line]:
    return monthly_bill(stage(**settings), inference, plans)


def dollars(lines: Sequence[Line], service: str, what: str) -> float:
    found = [line.usd for line in lines if line.service == service and line.what.startswith(what)]
    assert len(found) == 1, (service, what)
    return found[0]


def test_an_idle_month_of_the_endpoint_is_its_instance_the_table_alarms_and_images():
    lines = bill("endpoint", 0)
    assert dollars(lines, "SageMaker", "ml.c5.xlarge") == pytest.approx(0.204 * 730)
    assert dollars(lines, "DynamoDB", "capacity, provisioned") == pytest.approx(730 * (5 * 0.00065 + 5 * 0.00013))
    assert dollars(lines, "CloudWatch", "alarms") == pytest.approx((25 + 2 + 8) * 0.10)
    assert total(lines) == pytest.approx(148.92 + 2.847 + 3.50 + 8 * 0.30 + 10 * 0.10)


def test_an_idle_month_without_an_endpoint_has_no_detector():
    serverless, function = bill("serverless", 0), bill("lambda", 0)
    assert dollars(serverless, "SageMaker", "serverless") == dollars(function, "Lambda", "detector") == 0
    assert total(function) < total(serverless) < 10, "but for an alarm the same"


def test_a_million_plans_in_a_function_of_its_own():
    lines = bill("lambda", MILLION)
    # 18 plans/s on two cores; 3008 MB are 1.7 vCPUs, 0.85 of a core.
    seconds = MILLION / (18 / 2 * (3008 / 1769) / 2)
    assert dollars(lines, "Lambda", "detector") == pytest.approx(seconds * 3008 / 1024 * 0.0000166667 + 0.20)
    assert dollars(lines, "API Gateway", "requests") == pytest.approx(3 * 3.50)
    # 323 kB for 30 days, and for 30 more as an old version.
    assert dollars(lines, "S3", "plans, 31 days") == pytest.approx(323 * 31 / (730 / 24) * 0.023)
    assert dollars(lines, "S3", "requests") == pytest.approx(5.00 + 0.40)


def test_a_million_plans_in_a_serverless_endpoint():
    lines = bill("serverless", MILLION)
    seconds = MILLION / (18 / 2 * (4096 / 1769) / 2)
    assert dollars(lines, "SageMaker", "serverless") == pytest.approx(seconds * 4 * 0.00002)
    assert dollars(lines, "SageMaker", "data") == pytest.approx((81 + 1) * 0.016)


def test_the_functions_seconds_are_its_three_calls_and_its_wait():
    share = 512 / 1769 / 2
    calls = (85 + 44 + 13) / share + 8 + 48 + 23
    waiting = 1000 / 18 + 10
    expected = (calls + waiting) / 1000 * MILLION * 0.5 * 0.0000166667 + 3 * 0.20
    assert dollars(bill("endpoint", MILLION), "Lambda", "function") == pytest.approx(expected)


def test_an_on_demand_table_costs_per_plan():
    lines = bill("endpoint", MILLION, table={"onDemand": True})
    assert dollars(lines, "DynamoDB", "capacity, on demand") == pytest.approx(4 * 0.625 + 1 * 0.125)


def test_the_execution_log_costs_only_at_info():
    at = {level: bill("endpoint", MILLION, api={"executionLogLevel": level}) for level in ("INFO", "ERROR")}
    assert dollars(at["ERROR"], "CloudWatch", "API's") == 0
    assert dollars(at["INFO"], "CloudWatch", "API's") == pytest.approx(3 * 3 * (0.50 + 0.03 * 7 / (730 / 24)))


def test_an_endpoint_that_follows_the_day_costs_more_hours_at_a_lower_target():
    hours = [
        dollars(bill("endpoint", 30 * MILLION, endpoint={"targetInvocationsPerMinute": target}), "SageMaker", "ml.c5")
        for target in (70.0, 540.0)
    ]
    assert hours[0] > 5 * hours[1] > 5 * 148.92


@pytest.mark.whole
@pytest.mark.parametrize("inference", INFERENCES)
def test_the_alarms_of_the_bill_are_those_of_the_program(inference: Inference):
    given = {"inferenceImageDigest": DIGEST, "trainingImageDigest": DIGEST, "inference": inference}
    graph = Graph(run_program(read_stage("dev", given), RecorderMocks()))
    alarms = [alarm.inputs for alarm in graph.all("metricAlarm:MetricAlarm")]
    queries = [alarm.get("metricQueries") or [{"metric": alarm}] for alarm in alarms]
    assert sum("metric" in query for of_alarm in queries for query in of_alarm) == alarm_metrics(
        StageSettings(), inference
    )


def test_the_metrics_of_the_bill_are_those_that_the_function_writes():
    named = (metrics.__doc__ or "").split("The metrics:")[1].count("`") / 2
    assert named == CUSTOM_METRICS


def test_a_record_with_ten_rooms_takes_the_write_units_of_the_bill():
    """One to create it, one to start, and one for each kB begun of the finished one."""
    hint = "Upper center, medium, square"
    room = {"id": "room_10", "bounding_box": [561, 198, 716, 455], "confidence": 0.9841, "name_hint": hint}
    identifier = "8d5f" * 9
    finished = {
        "blueprint_id": identifier,
        "status": "completed",
        "s3_key": f"blueprints/{identifier}.png",
        "attempt": identifier,
        "created_at": 1,
        "updated_at": 1,
        "ttl": 1,
        "detected_rooms": [room] * 10,
    }
    kilobytes = sum(_size(name, value) for name, value in _serialised(finished).items()) / 1024
    assert 1 < kilobytes < 2
    assert WRITE_UNITS_PER_PLAN == 1 + 1 + 2


def _size(name: str, value: dict) -> int:
    """Bytes as DynamoDB counts them, a number taken as 4:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html"""
    ((kind, inner),) = value.items()
    if kind == "L":
        return len(name) + 3 + sum(1 + _size("", one) for one in inner)
    if kind == "M":
        return len(name) + 3 + sum(1 + _size(key, one) for key, one in inner.items())
    return len(name) + (4 if kind == "N" else len(inner))

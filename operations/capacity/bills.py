"""The cost of a month, line by line, for a volume and a kind of inference.

Free allowances are not counted, because there is one per account. Volumes are in plans; each plan has one upload, one
process and one status call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np

from components.alarm import Alarm
from components.api import STAGE_NAME
from components.detector.model import VARIANT_NAME
from components.detector.updates import rollback_alarms
from components.monitoring import MonitoredEndpoint, MonitoringArgs, alarms_of_every_tier
from components.naming import Inference, Names, has_endpoint
from components.settings.groups import EXPIRED_PLAN_DAYS
from components.settings.stage import StageSettings
from operations.capacity.stage import (
    READ_UNITS_PER_PLAN,
    REQUESTS_PER_PLAN,
    WRITE_UNITS_PER_PLAN,
    ServedStage,
    gb,
)
from operations.capacity.traffic import DAYS_PER_MONTH, HOURS_PER_MONTH, day_rates

# Alarms created by Application Auto Scaling: two for the endpoint's policy, four for each of the table's two policies.
ENDPOINT_SCALING_ALARMS = 2
TABLE_SCALING_ALARMS = 8
# runtime/metrics.py names them, with one set of dimensions a stage.
CUSTOM_METRICS = 8
# X-Ray's default rule: one request a second, and 5 % of the others.
# https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
TRACED_SHARE = 0.05
RECORD_KB = 1.3
# Status line and headers of an HTTP answer.
HEADERS_KB = 0.5
KB_PER_GB = 1e6

# Kinds of inference that run as copies on demand, each with its memory, and are paid by use.
Copied = Literal["serverless", "lambda"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a bill."""

    service: str
    what: str
    usd: float


def detector_lines(
    stage: ServedStage, inference: Inference, plans: float, *, instance_hours: float, copy_seconds: float
) -> list[Line]:
    """The detector only, for a number of plans.

    Args:
        instance_hours: of the endpoint.
        copy_seconds: of all copies of a function or serverless endpoint together.
    """
    prices, function = stage.prices, stage.measured.function
    data_gb = plans * (function.detector_image_kb + function.answer_kb) / KB_PER_GB
    match inference:
        case "endpoint":
            kind = stage.settings.endpoint.instance_type
            return [
                Line(service="SageMaker", what=kind, usd=prices.cost(f"hosting.{kind}", instance_hours)),
                Line(service="SageMaker", what="data in and out", usd=prices.cost("hosting.data", data_gb)),
            ]
        case "serverless":
            memory_mb = copy_memory_mb(stage, inference)
            compute = prices.cost("serverless.compute", copy_seconds * gb(memory_mb))
            return [
                Line(service="SageMaker", what=f"serverless, {memory_mb} MB", usd=compute),
                Line(service="SageMaker", what="data in and out", usd=prices.cost("serverless.data", data_gb)),
            ]
        case "lambda":
            # Price tiers count together with the API's function, which has a separate line.
            memory_mb = copy_memory_mb(stage, inference)
            compute = prices.cost("lambda.compute", copy_seconds * gb(memory_mb))
            requests = prices.cost("lambda.requests", plans)
            return [Line(service="Lambda", what=f"detector, {memory_mb} MB", usd=compute + requests)]
        case _:
            assert_never(inference)


def copy_memory_mb(stage: ServedStage, inference: Copied) -> int:
    """Memory of one copy of the detector."""
    match inference:
        case "serverless":
            return stage.settings.serverless.memory_mb
        case "lambda":
            return stage.settings.detector_function.memory_mb
        case _:
            assert_never(inference)


def monthly_bill(stage: ServedStage, inference: Inference, plans: float) -> list[Line]:
    """Every line of a month with so many plans, spread over its days as `day_rates` says; a fleet follows at once."""
    hours = copy_seconds = 0.0
    match inference:
        case "endpoint":
            hours = followed_instance_hours(stage, plans)
        case "serverless" | "lambda":
            copy_seconds = plans * stage.measured.copy_seconds(copy_memory_mb(stage, inference))
        case _:
            assert_never(inference)
    return [
        *detector_lines(stage, inference, plans, instance_hours=hours, copy_seconds=copy_seconds),
        *_function(stage, inference, plans),
        Line(service="API Gateway", what="requests", usd=stage.prices.cost("api.requests", plans * REQUESTS_PER_PLAN)),
        *_table(stage, plans),
        *_bucket(stage, plans),
        *_watching(stage, inference, plans),
        Line(service="ECR", what="images", usd=stage.prices.cost("ecr.storage", stage.measured.assumed.ecr_gb)),
        Line(
            service="data transfer",
            what="answers to clients",
            usd=stage.prices.cost("transfer.out", plans * _answers_kb(stage) / KB_PER_GB),
        ),
    ]


def total(lines: Sequence[Line]) -> float:
    return sum(line.usd for line in lines)


def followed_instance_hours(stage: ServedStage, plans: float) -> float:
    """Instance-hours of a month if the fleet followed the day's curve immediately, without a maximum."""
    endpoint = stage.settings.endpoint
    needed = np.ceil(day_rates(plans) * 60 / endpoint.target_invocations_per_minute)
    return float(np.maximum(endpoint.min_instances, needed).mean()) * HOURS_PER_MONTH


def function_seconds(stage: ServedStage, inference: Inference) -> float:
    """Seconds of the API's function for one plan: its three calls, and its wait for the detector."""
    memory, times = stage.settings.function.memory_mb, stage.measured.function
    calls = sum(stage.measured.call_seconds(call, memory) for call in (times.upload, times.process, times.status))
    return calls + detection_seconds(stage, inference)


def detection_seconds(stage: ServedStage, inference: Inference) -> float:
    """Seconds of one detection without waiting."""
    match inference:
        case "endpoint":
            alone = 1 / stage.measured.instance_rate(stage.settings.endpoint.instance_type)
        case "serverless" | "lambda":
            alone = stage.measured.copy_seconds(copy_memory_mb(stage, inference))
        case _:
            assert_never(inference)
    return alone + stage.measured.fixed_seconds


def lambda_seconds(stage: ServedStage, inference: Inference) -> float:
    """Seconds of all functions of a stage for one plan; each counts towards the account's concurrency."""
    own = 0.0 if has_endpoint(inference) else detection_seconds(stage, inference)
    return function_seconds(stage, inference) + own


def _function(stage: ServedStage, inference: Inference, plans: float) -> list[Line]:
    seconds = plans * function_seconds(stage, inference)
    memory = stage.settings.function.memory_mb
    return [
        Line(
            service="Lambda",
            what=f"function, {memory} MB",
            usd=stage.prices.cost("lambda.compute", seconds * gb(memory))
            + stage.prices.cost("lambda.requests", plans * REQUESTS_PER_PLAN),
        )
    ]


def _table(stage: ServedStage, plans: float) -> list[Line]:
    table = stage.settings.table
    stored_gb = plans * RECORD_KB / KB_PER_GB * table.record_ttl_days / DAYS_PER_MONTH
    kept = stage.prices.cost("dynamodb.storage", stored_gb) + stage.prices.cost("dynamodb.recovery", stored_gb)
    if table.on_demand:
        units = stage.prices.cost("dynamodb.writes", plans * WRITE_UNITS_PER_PLAN)
        units += stage.prices.cost("dynamodb.reads", plans * READ_UNITS_PER_PLAN)
        what = "capacity, on demand"
    else:
        units = stage.prices.cost("dynamodb.write_hours", _unit_hours(stage, plans, WRITE_UNITS_PER_PLAN))
        units += stage.prices.cost("dynamodb.read_hours", _unit_hours(stage, plans, READ_UNITS_PER_PLAN))
        what = "capacity, provisioned"
    return [
        Line(service="DynamoDB", what=what, usd=units),
        Line(service="DynamoDB", what="storage and recovery", usd=kept),
    ]


def _unit_hours(stage: ServedStage, plans: float, units_per_plan: float) -> float:
    """Unit-hours of a month if the table's scaling followed the day's curve immediately."""
    table = stage.settings.table
    needed = day_rates(plans) * units_per_plan / (table.target_utilization_percent / 100)
    return float(np.clip(np.ceil(needed), table.min_capacity, table.max_capacity).mean()) * HOURS_PER_MONTH


def _bucket(stage: ServedStage, plans: float) -> list[Line]:
    # The bucket is versioned: an expired object stays as an old version for a day.
    days = stage.settings.storage.blueprint_retention_days + EXPIRED_PLAN_DAYS
    stored_gb = plans * stage.measured.function.image_kb / KB_PER_GB * days / DAYS_PER_MONTH
    requests = stage.prices.cost("s3.puts", plans) + stage.prices.cost("s3.gets", plans)
    return [
        Line(service="S3", what=f"plans, {days} days", usd=stage.prices.cost("s3.storage", stored_gb)),
        Line(service="S3", what="requests", usd=requests),
    ]


def _watching(stage: ServedStage, inference: Inference, plans: float) -> list[Line]:
    settings, assumed = stage.settings, stage.measured.assumed
    execution_kb = assumed.execution_log_kb if settings.api.execution_log_level == "INFO" else 0.0
    of_requests = REQUESTS_PER_PLAN * (assumed.access_log_kb + assumed.function_log_kb)
    rest_gb = plans * (of_requests + assumed.detector_log_kb) / KB_PER_GB
    execution_gb = plans * REQUESTS_PER_PLAN * execution_kb / KB_PER_GB
    alarms = alarm_metrics(settings, inference) + _scaling_alarms(settings, inference)
    traces = plans * REQUESTS_PER_PLAN * TRACED_SHARE if settings.api.tracing or settings.function.tracing else 0.0
    return [
        Line(service="CloudWatch", what="alarms", usd=stage.prices.cost("cloudwatch.alarms", alarms)),
        Line(service="CloudWatch", what="metrics", usd=stage.prices.cost("cloudwatch.metrics", CUSTOM_METRICS)),
        Line(service="CloudWatch", what="logs", usd=_logs(stage, rest_gb)),
        Line(service="CloudWatch", what="API's execution log", usd=_logs(stage, execution_gb)),
        Line(service="X-Ray", what="traces", usd=stage.prices.cost("xray.traces", traces)),
    ]


def _scaling_alarms(settings: StageSettings, inference: Inference) -> int:
    of_the_table = 0 if settings.table.on_demand else TABLE_SCALING_ALARMS
    match inference:
        case "endpoint":
            return ENDPOINT_SCALING_ALARMS + of_the_table
        case "serverless" | "lambda":
            return of_the_table
        case _:
            assert_never(inference)


def alarm_metrics(settings: StageSettings, inference: Inference) -> int:
    """Number of metrics that the program's alarms watch when its images exist; each metric of an expression counts."""
    # Names and thresholds do not affect the number.
    names = Names(stage="any", account_id="0" * 12, region="us-east-1", inference=inference)
    own: Sequence[Alarm] = ()
    endpoint = None
    match inference:
        case "endpoint":
            endpoint = MonitoredEndpoint(variant_name=VARIANT_NAME, instance_type=settings.endpoint.instance_type)
            monitoring = settings.monitoring
            own = rollback_alarms(
                names.endpoint,
                latency_p95_ms=monitoring.model_latency_p95_ms,
                server_errors=monitoring.endpoint_server_errors,
            )
        case "serverless":
            endpoint = MonitoredEndpoint(variant_name=VARIANT_NAME)
        case "lambda":
            pass
        case _:
            assert_never(inference)
    args = MonitoringArgs(
        names=names,
        settings=settings.monitoring,
        api_stage_name=STAGE_NAME,
        endpoint=endpoint,
        detector_function=not has_endpoint(inference),
        retraining=has_endpoint(inference),
        topic_arn="",
        tags={},
    )
    return sum(alarm.metric_count for alarm in [*alarms_of_every_tier(args), *own])


def _logs(stage: ServedStage, gigabytes: float) -> float:
    kept_months = stage.settings.monitoring.log_retention_days / DAYS_PER_MONTH
    return stage.prices.cost("logs.ingestion", gigabytes) + stage.prices.cost("logs.storage", gigabytes * kept_months)


def _answers_kb(stage: ServedStage) -> float:
    # process and status return the rooms.
    return REQUESTS_PER_PLAN * HEADERS_KB + 2 * stage.measured.function.answer_kb

"""The metrics that AWS's services publish about this stack, and those that its own function publishes.

An alarm on a metric with another namespace, dimension or unit never goes off, so they are written here once.
Lambda: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
SageMaker: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html, and of a serverless endpoint
https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
Step Functions: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
The function's own: `runtime/metrics.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Statistic = Literal["Average", "Sum", "Maximum", "p50", "p95", "p99"]
Unit = Literal["Count", "Percent", "Bytes", "Milliseconds", "Microseconds", "None"]

# What the function calls itself in its logs and metrics, and where it publishes these.
SERVICE_NAME = "room-detection"
OWN_NAMESPACE = "RoomDetection"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric as CloudWatch stores it, and how its values are put together over `period_seconds`.

    Raises:
        ValueError: a period that CloudWatch does not take for these metrics.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: Statistic
    unit: Unit
    period_seconds: int = 60

    def __post_init__(self) -> None:
        if self.period_seconds < 60 or self.period_seconds % 60:
            raise ValueError(f"period_seconds: {self.period_seconds} is not allowed: must be a multiple of 60")

    def over(self, seconds: int) -> "Metric":
        """The same metric with another period."""
        return replace(self, period_seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class MetricMath:
    """An expression over metrics, each known in it by its key."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]


def percentage(part: Metric, whole: Metric, label: str) -> MetricMath:
    """The share of `part` in `whole`, in percent; 0 while there is nothing to divide by."""
    return MetricMath(
        expression="IF(whole > 0, 100 * part / whole, 0)", label=label, metrics={"part": part, "whole": whole}
    )


def total(metrics: Mapping[str, Metric], label: str) -> MetricMath:
    """The sum of metrics of which each may be missing for a while."""
    return MetricMath(expression=" + ".join(f"FILL({key}, 0)" for key in metrics), label=label, metrics=metrics)


def function_metric(function: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    return Metric(
        namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}, statistic=statistic, unit=unit
    )


def own_metric(stage: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    """What the function counts of blueprints, rooms and answers."""
    dimensions = {"service": SERVICE_NAME, "stage": stage}
    return Metric(namespace=OWN_NAMESPACE, name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def endpoint_metric(
    endpoint: str, variant: str, name: str, statistic: Statistic = "Sum", unit: Unit = "None"
) -> Metric:
    """Of the endpoint's invocations: counts without a unit, latencies in microseconds."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Metric(namespace="AWS/SageMaker", name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def instance_metric(endpoint: str, variant: str, name: str, statistic: Statistic = "Average") -> Metric:
    """Of the endpoint's instances: CPUUtilization is the sum over the vCPUs, 400 % for four busy ones."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Metric(
        namespace="/aws/sagemaker/Endpoints", name=name, dimensions=dimensions, statistic=statistic, unit="Percent"
    )


def table_metric(table: str, name: str, operation: str | None = None) -> Metric:
    """Of the table, or of one operation on it: some metrics exist only for operations."""
    dimensions = {"TableName": table} | ({"Operation": operation} if operation is not None else {})
    return Metric(namespace="AWS/DynamoDB", name=name, dimensions=dimensions, statistic="Sum", unit="Count")


def api_metric(api: str, stage_name: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    dimensions = {"ApiName": api, "Stage": stage_name}
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def state_machine_metric(state_machine_arn: str, name: str) -> Metric:
    dimensions = {"StateMachineArn": state_machine_arn}
    return Metric(namespace="AWS/States", name=name, dimensions=dimensions, statistic="Sum", unit="Count")

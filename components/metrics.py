"""The metrics that AWS services publish about this stack, and those that its own function publishes.

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

# The function's service name in logs and metrics, and the namespace of its metrics.
SERVICE_NAME = "room-detection"
OWN_NAMESPACE = "RoomDetection"
# The function's operations on the table; SystemErrors exists only per operation.
TABLE_OPERATIONS = ("GetItem", "PutItem", "UpdateItem")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric as CloudWatch stores it, and the statistic over `period_seconds`.

    Raises:
        ValueError: a period that CloudWatch does not accept for these metrics.
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
    """An expression over metrics, each named by its key."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]


def percentage(part: Metric, whole: Metric, label: str) -> MetricMath:
    """The share of `part` in `whole`, in percent; 0 if `whole` is 0."""
    return MetricMath(
        expression="IF(whole > 0, 100 * part / whole, 0)", label=label, metrics={"part": part, "whole": whole}
    )


def total(metrics: Mapping[str, Metric], label: str) -> MetricMath:
    """The sum of metrics, each of which may have no data at times."""
    return MetricMath(expression=" + ".join(f"FILL({key}, 0)" for key in metrics), label=label, metrics=metrics)


def function_metric(function: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    return Metric(
        namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}, statistic=statistic, unit=unit
    )


def own_metric(stage: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    """The function's own metric of blueprints, rooms or answers."""
    dimensions = {"service": SERVICE_NAME, "stage": stage}
    return Metric(namespace=OWN_NAMESPACE, name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def endpoint_metric(
    endpoint: str, variant: str, name: str, statistic: Statistic = "Sum", unit: Unit = "None"
) -> Metric:
    """A metric of the endpoint's invocations: counts have no unit, latencies are in microseconds."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Metric(namespace="AWS/SageMaker", name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def instance_metric(endpoint: str, variant: str, name: str, statistic: Statistic = "Average") -> Metric:
    """A metric of the endpoint's instances: CPUUtilization is the sum over the vCPUs, 400 % for four busy ones."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    return Metric(
        namespace="/aws/sagemaker/Endpoints", name=name, dimensions=dimensions, statistic=statistic, unit="Percent"
    )


def table_metric(table: str, name: str, operation: str | None = None) -> Metric:
    """A metric of the table, or of one operation on it: some metrics exist only per operation."""
    dimensions = {"TableName": table} | ({"Operation": operation} if operation is not None else {})
    return Metric(namespace="AWS/DynamoDB", name=name, dimensions=dimensions, statistic="Sum", unit="Count")


def api_metric(api: str, stage_name: str, name: str, statistic: Statistic = "Sum", unit: Unit = "Count") -> Metric:
    dimensions = {"ApiName": api, "Stage": stage_name}
    return Metric(namespace="AWS/ApiGateway", name=name, dimensions=dimensions, statistic=statistic, unit=unit)


def state_machine_metric(state_machine_arn: str, name: str) -> Metric:
    dimensions = {"StateMachineArn": state_machine_arn}
    return Metric(namespace="AWS/States", name=name, dimensions=dimensions, statistic="Sum", unit="Count")

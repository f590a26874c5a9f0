"""An alarm: a metric, a threshold, and the topic that is notified when the alarm goes off and when it returns to OK.

The alarms themselves are listed in `monitoring.py`, except those that roll back an update: `detector/updates.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.metrics import Metric, MetricMath


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Goes off when the metric is above `threshold` in each of the last `periods`.

    Attributes:
        name: CamelCase, without the stage.
        threshold: in the unit of the metric, or of the expression.
        silence: the meaning of missing data. `no calls`: OK, because without calls there is nothing to measure.
            `fault`: the alarm goes off; for metrics that are always published while their resource runs.
        scale_out_policy_arn: a step-scaling policy that is another action of the alarm.
    """

    name: str
    description: str
    measure: Metric | MetricMath
    threshold: float
    periods: int = 1
    silence: Literal["no calls", "fault"] = "no calls"
    scale_out_policy_arn: pulumi.Input[str] | None = None

    @property
    def metric_count(self) -> int:
        """The number of metrics that it watches; each is billed as an alarm."""
        return len(self.measure.metrics) if isinstance(self.measure, MetricMath) else 1


def create_alarm(
    resource_name: str,
    alarm: Alarm,
    *,
    physical_name: str,
    topic_arn: pulumi.Input[str],
    tags: Mapping[str, str],
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
) -> aws.cloudwatch.MetricAlarm:
    """Registers the alarm; it notifies the topic when it goes off and when it returns to OK."""
    metric = alarm.measure if isinstance(alarm.measure, Metric) else None
    math = alarm.measure if isinstance(alarm.measure, MetricMath) else None
    percentile = metric.statistic if metric and metric.statistic.startswith("p") else None
    scale_out = [alarm.scale_out_policy_arn] if alarm.scale_out_policy_arn is not None else []
    return aws.cloudwatch.MetricAlarm(
        resource_name,
        name=physical_name,
        alarm_description=alarm.description,
        comparison_operator="GreaterThanThreshold",
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.periods,
        treat_missing_data="breaching" if alarm.silence == "fault" else "notBreaching",
        namespace=metric and metric.namespace,
        metric_name=metric and metric.name,
        dimensions=metric and metric.dimensions,
        period=metric and metric.period_seconds,
        unit=metric and metric.unit,
        statistic=metric.statistic if metric and not percentile else None,
        extended_statistic=percentile,
        # Evaluate few calls too: at the traffic that the stack is made for, there are never many in a minute.
        evaluate_low_sample_count_percentiles="evaluate" if percentile else None,
        metric_queries=_queries(math) if math else None,
        alarm_actions=[topic_arn, *scale_out],
        ok_actions=[topic_arn],
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )


def _queries(math: MetricMath) -> Sequence[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    metrics = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=key,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=metric.dimensions,
                period=metric.period_seconds,
                stat=metric.statistic,
                unit=metric.unit,
            ),
            return_data=False,
        )
        for key, metric in math.metrics.items()
    ]
    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="result", expression=math.expression, label=math.label, return_data=True
    )
    return [*metrics, result]

"""CloudWatch: alarms, dashboards and log groups."""

import json
from typing import Any

from local.account.inputs import Inputs, physical_name, tag_list
from local.account.resources.creation import Create, Created, Request


def _log_group(request: Request) -> Created:
    logs, inputs = request.aws.client("logs"), request.inputs
    name = physical_name(request.name, inputs, prefix="namePrefix", limit=512)
    logs.create_log_group(
        logGroupName=name,
        tags=inputs.take("tags", {}),
        **inputs.arguments(kmsKeyId="kmsKeyId", logGroupClass="logGroupClass"),
    )
    if days := inputs.take("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    inputs.set_aside("nothing is destroyed one by one here", "skipDestroy")
    return Created(id=name, outputs={"name": name, "arn": request.arn("logs", f"log-group:{name}")})


def _alarm(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs)
    request.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Tags=tag_list(inputs.take("tags")),
        **_dimensions(inputs),
        **_metric_queries(inputs),
        **inputs.arguments(
            AlarmDescription="alarmDescription",
            ActionsEnabled="actionsEnabled",
            OKActions="okActions",
            AlarmActions="alarmActions",
            InsufficientDataActions="insufficientDataActions",
            MetricName="metricName",
            Namespace="namespace",
            Statistic="statistic",
            ExtendedStatistic="extendedStatistic",
            Period="period",
            Unit="unit",
            EvaluationPeriods="evaluationPeriods",
            DatapointsToAlarm="datapointsToAlarm",
            Threshold="threshold",
            ComparisonOperator="comparisonOperator",
            TreatMissingData="treatMissingData",
            EvaluateLowSampleCountPercentile="evaluateLowSampleCountPercentiles",
            ThresholdMetricId="thresholdMetricId",
        ),
    )
    return Created(id=name, outputs={"name": name, "arn": request.arn("cloudwatch", f"alarm:{name}")})


def _dimensions(inputs: Inputs) -> dict[str, Any]:
    dimensions = inputs.take("dimensions")
    return {"Dimensions": _names_and_values(dimensions)} if dimensions else {}


def _metric_queries(inputs: Inputs) -> dict[str, Any]:
    """The provider flattens a query's metric; CloudWatch nests it as `MetricStat`."""
    queries = []
    for query in inputs.groups("metricQueries"):
        entry = query.arguments(
            Id="id",
            Expression="expression",
            Label="label",
            ReturnData="returnData",
            Period="period",
            AccountId="accountId",
        )
        if metric := query.group("metric"):
            named = metric.arguments(Namespace="namespace", MetricName="metricName")
            named["Dimensions"] = _names_and_values(metric.take("dimensions", {}))
            entry["MetricStat"] = {"Metric": named} | metric.arguments(Period="period", Stat="stat", Unit="unit")
        queries.append(entry)
    return {"Metrics": queries} if queries else {}


def _names_and_values(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _dashboard(request: Request) -> Created:
    inputs = request.inputs
    name, body = inputs.need("dashboardName"), inputs.need("dashboardBody")
    text = body if isinstance(body, str) else json.dumps(body)
    request.aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=text)
    arn = request.arn("cloudwatch", f"dashboard/{name}").replace(f":{request.aws.region}:", "::")
    return Created(id=name, outputs={"dashboardArn": arn})


CREATE: dict[str, Create] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
}

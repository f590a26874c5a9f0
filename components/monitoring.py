"""Monitoring: the alarms of every tier, and the dashboard (`dashboard.py` says what it draws).

Guarantees: the document's three alarms and one for each metric with a target; each notifies the topic when it goes off
and when it returns to OK. Alarms refer to resources by name, so that nothing waits for monitoring, and monitoring waits
for nothing, except the alarm that treats missing data as a fault: it waits for the endpoint.

To add an alarm: CONTRIBUTING.md, "an alarm".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarm import Alarm, create_alarm
from components.dashboard import dashboard_body
from components.instances import vcpus
from components.metrics import (
    TABLE_OPERATIONS,
    api_metric,
    endpoint_metric,
    function_metric,
    instance_metric,
    percentage,
    state_machine_metric,
    table_metric,
    total,
)
from components.naming import Names
from components.settings.groups import MonitoringSettings

_FIVE_MINUTES = 300


@dataclass(frozen=True, kw_only=True)
class MonitoredEndpoint:
    """What monitoring needs to know about an endpoint.

    Attributes:
        instance_type: None for a serverless endpoint, which has no instances to watch.
        running: the endpoint, which must exist before missing data about its instances is a fault.
        scale_out_policy_arn: the step-scaling policy that the latency alarm triggers, if there is one.
        rollback_alarm_names: the endpoint's own alarms, shown with the others.
    """

    variant_name: str
    instance_type: str | None = None
    running: pulumi.Resource | None = None
    scale_out_policy_arn: pulumi.Input[str] | None = None
    rollback_alarm_names: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """What monitoring needs.

    Attributes:
        api_stage_name: API Gateway's stage.
        endpoint: None if there is no endpoint yet; its alarms and graphs are then left out.
        detector_function: whether the detector is a separate function.
        retraining: whether the stage has the state machine that retrains the detector.
    """

    names: Names
    settings: MonitoringSettings
    api_stage_name: str
    endpoint: MonitoredEndpoint | None
    detector_function: bool = False
    retraining: bool = False
    topic_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class Monitoring(pulumi.ComponentResource):
    """Alarms and dashboard."""

    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:monitoring:Monitoring", name, None, opts)
        alarms = alarms_of_every_tier(args)
        own_alarms = args.endpoint.rollback_alarm_names if args.endpoint is not None else ()
        for alarm in alarms:
            create_alarm(
                f"{name}-{alarm.name}",
                alarm,
                physical_name=args.names.alarm(alarm.name),
                topic_arn=args.topic_arn,
                tags=args.tags,
                parent=self,
                depends_on=_watched_from_the_start(alarm, args.endpoint),
            )
        alarm_names = [*(args.names.alarm(alarm.name) for alarm in alarms), *own_alarms]
        body = dashboard_body(
            args.names,
            alarm_arns=[args.names.alarm_arn(alarm_name) for alarm_name in alarm_names],
            api_stage_name=args.api_stage_name,
            variant_name=args.endpoint.variant_name if args.endpoint else None,
            instances=args.endpoint is not None and args.endpoint.instance_type is not None,
            detector_function=args.detector_function,
            retraining=args.retraining,
        )
        dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args.names.dashboard,
            dashboard_body=json.dumps(body),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.dashboard_name = dashboard.dashboard_name
        self.register_outputs({"dashboardName": self.dashboard_name})


def alarms_of_every_tier(args: MonitoringArgs) -> list[Alarm]:
    """All alarms of a stage, except the endpoint's own ones for rollback."""
    alarms = [*_function_alarms(args), *_table_alarms(args), *_api_alarms(args)]
    if args.endpoint is not None:
        alarms += _endpoint_alarms(args, args.endpoint)
    if args.detector_function:
        alarms += _detector_alarms(args)
    if args.retraining:
        alarms.append(_retraining_alarm(args.names))
    return alarms


def _watched_from_the_start(alarm: Alarm, endpoint: MonitoredEndpoint | None) -> Sequence[pulumi.Resource]:
    return [endpoint.running] if alarm.silence == "fault" and endpoint and endpoint.running else []


def _function_alarms(args: MonitoringArgs) -> list[Alarm]:
    settings, function = args.settings, args.names.function
    errors = function_metric(function, "Errors").over(_FIVE_MINUTES)
    invocations = function_metric(function, "Invocations").over(_FIVE_MINUTES)
    return [
        Alarm(
            name="HighErrorRate",
            description=f"More than {settings.function_errors} calls of the function failed in 5 minutes",
            measure=errors,
            threshold=settings.function_errors,
        ),
        Alarm(
            name="FunctionErrorRate",
            description=f"More than {settings.function_error_percent:g} % of the function's calls failed in 5 minutes",
            measure=percentage(errors, invocations, "Failed calls (%)"),
            threshold=settings.function_error_percent,
        ),
        Alarm(
            name="FunctionDuration",
            description=f"The function took more than {settings.function_duration_seconds:g} s on average",
            measure=function_metric(function, "Duration", "Average", "Milliseconds").over(_FIVE_MINUTES),
            threshold=settings.function_duration_seconds * 1000,
        ),
        Alarm(
            name="FunctionThrottles",
            description=f"More than {settings.function_throttles} calls of the function were refused in 5 minutes",
            measure=function_metric(function, "Throttles").over(_FIVE_MINUTES),
            threshold=settings.function_throttles,
        ),
    ]


def _endpoint_alarms(args: MonitoringArgs, endpoint: MonitoredEndpoint) -> list[Alarm]:
    settings = args.settings
    scales = endpoint.scale_out_policy_arn is not None
    client_errors, server_errors, invocations = (
        endpoint_metric(args.names.endpoint, endpoint.variant_name, name)
        for name in ("Invocation4XXErrors", "Invocation5XXErrors", "Invocations")
    )
    return [
        Alarm(
            name="HighLatency",
            description=f"The detector's p95 was above {settings.model_latency_p95_ms:g} ms three minutes in a row"
            + ("; an instance is added" if scales else ""),
            measure=endpoint_metric(args.names.endpoint, endpoint.variant_name, "ModelLatency", "p95", "Microseconds"),
            threshold=settings.model_latency_p95_ms * 1000,
            periods=3,
            scale_out_policy_arn=endpoint.scale_out_policy_arn,
        ),
        Alarm(
            name="LowEndpointHealth",
            description=f"The detector answered more than {settings.endpoint_server_errors} requests with 5xx "
            "in a minute",
            measure=server_errors,
            threshold=settings.endpoint_server_errors,
        ),
        Alarm(
            name="EndpointClientErrorRate",
            description=f"The detector refused more than {settings.endpoint_client_error_percent:g} % of the requests",
            measure=percentage(
                client_errors.over(_FIVE_MINUTES), invocations.over(_FIVE_MINUTES), "Refused requests (%)"
            ),
            threshold=settings.endpoint_client_error_percent,
        ),
        Alarm(
            name="EndpointServerErrorRate",
            description=f"The detector failed more than {settings.endpoint_server_error_percent:g} % of the requests",
            measure=percentage(
                server_errors.over(_FIVE_MINUTES), invocations.over(_FIVE_MINUTES), "Failed requests (%)"
            ),
            threshold=settings.endpoint_server_error_percent,
        ),
        *_instance_alarms(args, endpoint),
    ]


def _instance_alarms(args: MonitoringArgs, endpoint: MonitoredEndpoint) -> list[Alarm]:
    if endpoint.instance_type is None:
        return []
    percent = args.settings.endpoint_cpu_percent
    return [
        Alarm(
            name="EndpointCpu",
            description=f"The detector's instances used more than {percent:g} % of their vCPUs, or published no data: "
            "SageMaker publishes it every minute, calls or not",
            measure=instance_metric(args.names.endpoint, endpoint.variant_name, "CPUUtilization").over(_FIVE_MINUTES),
            threshold=percent * vcpus(endpoint.instance_type),
            silence="fault",
        )
    ]


def _detector_alarms(args: MonitoringArgs) -> list[Alarm]:
    """The alarms of the detector as a function. Its duration has no cold starts, which Lambda counts separately."""
    settings, detector = args.settings, args.names.detector_function
    errors = function_metric(detector, "Errors")
    return [
        Alarm(
            name="HighLatency",
            description=f"The detector's p95 was above {settings.model_latency_p95_ms:g} ms three minutes in a row",
            measure=function_metric(detector, "Duration", "p95", "Milliseconds"),
            threshold=settings.model_latency_p95_ms,
            periods=3,
        ),
        Alarm(
            name="DetectorErrors",
            description=f"More than {settings.endpoint_server_errors} calls of the detector failed in a minute",
            measure=errors,
            threshold=settings.endpoint_server_errors,
        ),
        Alarm(
            name="DetectorErrorRate",
            description=f"More than {settings.endpoint_server_error_percent:g} % of the detector's calls failed",
            measure=percentage(
                errors.over(_FIVE_MINUTES),
                function_metric(detector, "Invocations").over(_FIVE_MINUTES),
                "Failed calls (%)",
            ),
            threshold=settings.endpoint_server_error_percent,
        ),
        Alarm(
            name="DetectorThrottles",
            description=f"More than {settings.function_throttles} calls of the detector were refused in 5 minutes",
            measure=function_metric(detector, "Throttles").over(_FIVE_MINUTES),
            threshold=settings.function_throttles,
        ),
    ]


def _retraining_alarm(names: Names) -> Alarm:
    return Alarm(
        name="RetrainingFailed",
        description="A retraining of the detector failed; the endpoint keeps its model unless the "
        "execution's error says otherwise",
        measure=state_machine_metric(names.state_machine_arn(names.retraining), "ExecutionsFailed").over(_FIVE_MINUTES),
        threshold=0,
    )


def _table_alarms(args: MonitoringArgs) -> list[Alarm]:
    settings, table = args.settings, args.names.table
    throttles = [
        Alarm(
            name=f"Table{capacity}Throttles",
            description=f"More than {settings.table_throttles} {capacity.lower()}s of the table were refused "
            "in 5 minutes",
            measure=table_metric(table, f"{capacity}ThrottleEvents").over(_FIVE_MINUTES),
            threshold=settings.table_throttles,
        )
        for capacity in ("Read", "Write")
    ]
    errors = {
        operation.lower(): table_metric(table, "SystemErrors", operation).over(_FIVE_MINUTES)
        for operation in TABLE_OPERATIONS
    }
    return [
        *throttles,
        Alarm(
            name="TableSystemErrors",
            description=f"DynamoDB itself failed more than {settings.table_system_errors} calls in 5 minutes",
            measure=total(errors, "System errors"),
            threshold=settings.table_system_errors,
        ),
    ]


def _api_alarms(args: MonitoringArgs) -> list[Alarm]:
    settings = args.settings
    api, stage = args.names.api, args.api_stage_name
    requests = api_metric(api, stage, "Count").over(_FIVE_MINUTES)
    return [
        Alarm(
            name="ApiClientErrorRate",
            description=f"More than {settings.api_client_error_percent:g} % of the requests were answered with 4xx",
            measure=percentage(api_metric(api, stage, "4XXError").over(_FIVE_MINUTES), requests, "4xx answers (%)"),
            threshold=settings.api_client_error_percent,
        ),
        Alarm(
            name="ApiServerErrorRate",
            description=f"More than {settings.api_server_error_percent:g} % of the requests were answered with 5xx",
            measure=percentage(api_metric(api, stage, "5XXError").over(_FIVE_MINUTES), requests, "5xx answers (%)"),
            threshold=settings.api_server_error_percent,
        ),
        Alarm(
            name="ApiLatency",
            description=f"The API's p95 was above {settings.api_latency_p95_seconds:g} s",
            measure=api_metric(api, stage, "Latency", "p95", "Milliseconds").over(_FIVE_MINUTES),
            threshold=settings.api_latency_p95_seconds * 1000,
        ),
    ]

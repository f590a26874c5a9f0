"""Updates of the real-time endpoint: to a new fleet, with automatic rollback if that fleet fails or is slow."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import sagemaker
from pulumi_aws.sagemaker import EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs as RollbackAlarm
from pulumi_aws.sagemaker import EndpointDeploymentConfigAutoRollbackConfigurationArgs as AutoRollback
from pulumi_aws.sagemaker import EndpointDeploymentConfigBlueGreenUpdatePolicyArgs as BlueGreen
from pulumi_aws.sagemaker import (
    EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs as TrafficRouting,
)
from pulumi_aws.sagemaker import (
    EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs as CanarySize,
)

from components.alarm import Alarm
from components.detector.model import VARIANT_NAME
from components.metrics import endpoint_metric
from components.settings.groups import EndpointSettings

_MICROSECONDS_PER_MS = 1000


def deployment_config(
    settings: EndpointSettings, *, alarm_names: Sequence[pulumi.Input[str]]
) -> sagemaker.EndpointDeploymentConfigArgs:
    """How an update moves to a new fleet while SageMaker watches the alarms with these names."""
    return sagemaker.EndpointDeploymentConfigArgs(
        blue_green_update_policy=BlueGreen(
            traffic_routing_configuration=_traffic(settings),
            termination_wait_in_seconds=settings.termination_wait_seconds,
            maximum_execution_timeout_in_seconds=settings.update_timeout_seconds,
        ),
        auto_rollback_configuration=AutoRollback(alarms=[RollbackAlarm(alarm_name=name) for name in alarm_names]),
    )


def _traffic(settings: EndpointSettings) -> TrafficRouting:
    """Canary: one new instance gets its share of the traffic first. A canary is at most half of the fleet, so a fleet
    that may be a single instance gets all traffic at once."""
    if settings.min_instances == 1:
        return TrafficRouting(type="ALL_AT_ONCE", wait_interval_in_seconds=settings.bake_seconds)
    return TrafficRouting(
        type="CANARY",
        canary_size=CanarySize(type="INSTANCE_COUNT", value=1),
        wait_interval_in_seconds=settings.bake_seconds,
    )


def rollback_alarms(endpoint_name: str, *, latency_p95_ms: float, server_errors: int) -> Sequence[Alarm]:
    """The alarms that roll back an update if the new fleet fails or is slow. They refer to the endpoint by name."""
    return [
        Alarm(
            name="EndpointRollbackErrors",
            description=f"The detector answered more than {server_errors} requests with 5xx in a minute; "
            "an update in progress is rolled back to the old fleet",
            measure=endpoint_metric(endpoint_name, VARIANT_NAME, "Invocation5XXErrors"),
            threshold=server_errors,
        ),
        Alarm(
            name="EndpointRollbackLatency",
            description=f"The detector's p95 was above {latency_p95_ms:g} ms two minutes in a row; "
            "an update in progress is rolled back to the old fleet",
            measure=endpoint_metric(endpoint_name, VARIANT_NAME, "ModelLatency", "p95", "Microseconds"),
            threshold=latency_p95_ms * _MICROSECONDS_PER_MS,
            periods=2,
        ),
    ]

"""The update: the endpoint moves to the new model, with the same traffic shifting and rollback as in a deployment."""

from collections.abc import Mapping
from typing import Any, assert_never

from components.detector.model import ROUTING_STRATEGY, VARIANT_NAME, is_isolated
from components.naming import MODELS_PREFIX
from components.retraining.asl import States, any_of, choice, failure, formatted, task
from components.retraining.plan import PUBLISHED, UPDATE_FAILED, UPDATE_ROLLED_BACK, RetrainingPlan
from components.retraining.polling import AROUND_A_JOB_SECONDS, count_poll, wait_limit
from components.retraining.publishing import published_model
from components.settings.groups import EndpointSettings

_STATUS = "$.update.status"


def update(plan: RetrainingPlan) -> States:
    return {**_start(plan), **_wait(plan), **_failures(plan)}


def _start(plan: RetrainingPlan) -> States:
    """Creates a model and a configuration, and updates the endpoint."""
    return {
        "CreateModel": task(
            plan.names,
            "sagemaker:createModel",
            {
                "ModelName.$": "$.run.name",
                "ExecutionRoleArn": plan.inference_role_arn,
                "PrimaryContainer": published_model(plan),
                "EnableNetworkIsolation": is_isolated(plan.names.inference),
                "Tags": plan.request_tags,
            },
            then="CreateEndpointConfig",
            failed=UPDATE_FAILED,
        ),
        "CreateEndpointConfig": task(
            plan.names,
            "sagemaker:createEndpointConfig",
            {
                "EndpointConfigName.$": "$.run.name",
                "ProductionVariants": [
                    {"VariantName": VARIANT_NAME, "ModelName.$": "$.run.name", **_variant_capacity(plan)}
                ],
                "Tags": plan.request_tags,
            },
            then="UpdateEndpoint",
            failed=UPDATE_FAILED,
        ),
        "UpdateEndpoint": task(
            plan.names,
            "sagemaker:updateEndpoint",
            {
                "EndpointName": plan.names.endpoint,
                "EndpointConfigName.$": "$.run.name",
                **_update_guardrails(plan),
            },
            selected={"polls": 0},
            result="$.wait",
            then="WaitForUpdate",
            failed=UPDATE_FAILED,
        ),
    }


def _wait(plan: RetrainingPlan) -> States:
    limit = wait_limit(plan.endpoint.update_timeout_seconds + AROUND_A_JOB_SECONDS)
    under_way = any_of(_STATUS, "Creating", "Updating", "SystemUpdating", "RollingBack")
    return {
        "WaitForUpdate": {"Type": "Wait", "Seconds": limit.poll_seconds, "Next": "CountUpdatePoll"},
        "CountUpdatePoll": count_poll("DescribeUpdate"),
        "DescribeUpdate": task(
            plan.names,
            "sagemaker:describeEndpoint",
            {"EndpointName": plan.names.endpoint},
            selected={"status.$": "$.EndpointStatus", "config.$": "$.EndpointConfigName"},
            result="$.update",
            then="UpdateEnded",
            failed=UPDATE_FAILED,
        ),
        "UpdateEnded": choice(
            {"And": [under_way, limit.not_passed], "Next": "WaitForUpdate"},
            {**under_way, "Next": "UpdateOverdue"},
            {
                "And": [
                    {"Variable": _STATUS, "StringEquals": "InService"},
                    {"Variable": "$.update.config", "StringEqualsPath": "$.run.name"},
                ],
                "Next": f"Notify{PUBLISHED}",
            },
            # In service, but with the previous configuration.
            {"Variable": _STATUS, "StringEquals": "InService", "Next": "UpdateWentBack"},
            default="UpdateEndedBadly",
        ),
    }


def _failures(plan: RetrainingPlan) -> States:
    alarms = " and the EndpointRollback alarms" if plan.rollback_alarm_names else ""
    return {
        "UpdateOverdue": failure(UPDATE_FAILED, "TimeLimitPassed", formatted("the endpoint is still {}", _STATUS)),
        "UpdateWentBack": failure(
            UPDATE_ROLLED_BACK,
            "RolledBack",
            formatted(
                f"the endpoint serves {{}} as before: see its log group{alarms}; {MODELS_PREFIX}{{}}/ is kept",
                "$.update.config",
                "$.run.version",
            ),
        ),
        "UpdateEndedBadly": failure(UPDATE_FAILED, "EndpointNotInService", formatted("the endpoint is {}", _STATUS)),
    }


def _variant_capacity(plan: RetrainingPlan) -> Mapping[str, Any]:
    """The capacity of the new model, as in a deployment: instances, or a serverless endpoint's limits."""
    match plan.names.inference:
        case "endpoint":
            return {
                "InstanceType": plan.endpoint.instance_type,
                "InitialInstanceCount": plan.endpoint.initial_instances,
                "InitialVariantWeight": 1,
                "ContainerStartupHealthCheckTimeoutInSeconds": plan.endpoint.startup_timeout_seconds,
                "RoutingConfig": {"RoutingStrategy": ROUTING_STRATEGY},
            }
        case "serverless":
            return {
                "ServerlessConfig": {
                    "MemorySizeInMB": plan.serverless.memory_mb,
                    "MaxConcurrency": plan.serverless.max_concurrency,
                }
            }
        case "lambda":
            raise ValueError("inference: 'lambda' has no endpoint to update: a retraining needs one")
        case _:
            assert_never(plan.names.inference)


def _traffic(endpoint: EndpointSettings) -> Mapping[str, Any]:
    """As in `components.detector.updates`: a canary of one instance if the fleet has more than one."""
    wait = {"WaitIntervalInSeconds": endpoint.bake_seconds}
    if endpoint.min_instances == 1:
        return {"Type": "ALL_AT_ONCE", **wait}
    return {"Type": "CANARY", "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}, **wait}


def _update_guardrails(plan: RetrainingPlan) -> Mapping[str, Any]:
    """Traffic shifting and rollback of an update, which SageMaker has only for endpoints with instances."""
    match plan.names.inference:
        case "endpoint":
            return _blue_green(plan)
        case "serverless" | "lambda":
            return {}
        case _:
            assert_never(plan.names.inference)


def _blue_green(plan: RetrainingPlan) -> Mapping[str, Any]:
    endpoint = plan.endpoint
    return {
        # Autoscaling controls the number of instances: the new fleet is as large as the old one.
        "RetainAllVariantProperties": True,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": _traffic(endpoint),
                "TerminationWaitInSeconds": endpoint.termination_wait_seconds,
                "MaximumExecutionTimeoutInSeconds": endpoint.update_timeout_seconds,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in plan.rollback_alarm_names]},
        },
    }

"""SageMaker models and endpoints, ECR repositories, Application Auto Scaling, Step Functions."""

import json
from typing import Any

from local.account.inputs import Inputs, pascal_keys, physical_name, tag_list
from local.account.resources.creation import Create, Created, Request

_SAGEMAKER_NAME_LIMIT = 63


def _repository(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, limit=256)
    arguments: dict[str, Any] = inputs.arguments(imageTagMutability="imageTagMutability")
    if scanning := inputs.group("imageScanningConfiguration"):
        arguments["imageScanningConfiguration"] = scanning.arguments(scanOnPush="scanOnPush")
    if encryption := inputs.take("encryptionConfigurations"):
        arguments["encryptionConfiguration"] = encryption[0]
    repository = request.aws.client("ecr").create_repository(
        repositoryName=name, tags=tag_list(inputs.take("tags")), **arguments
    )["repository"]
    inputs.set_aside("nothing is destroyed one by one here", "forceDelete")
    outputs = {
        "name": name,
        "arn": repository["repositoryArn"],
        "repositoryUrl": repository["repositoryUri"],
        "registryId": repository["registryId"],
    }
    return Created(id=name, outputs=outputs)


def _repository_lifecycle(request: Request) -> Created:
    repository, policy = request.inputs.need("repository"), request.inputs.need("policy")
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request.aws.client("ecr").put_lifecycle_policy(repositoryName=repository, lifecyclePolicyText=text)
    return Created(id=repository)


def _repository_policy(request: Request) -> Created:
    repository, policy = request.inputs.need("repository"), request.inputs.need("policy")
    text = policy if isinstance(policy, str) else json.dumps(policy)
    request.aws.client("ecr").set_repository_policy(repositoryName=repository, policyText=text)
    return Created(id=repository)


def _model(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, limit=_SAGEMAKER_NAME_LIMIT)
    arn = request.aws.client("sagemaker").create_model(
        ModelName=name,
        PrimaryContainer=_container(inputs.need("primaryContainer")),
        Tags=tag_list(inputs.take("tags")),
        **inputs.arguments(ExecutionRoleArn="executionRoleArn", EnableNetworkIsolation="enableNetworkIsolation"),
    )["ModelArn"]
    return Created(id=name, outputs={"name": name, "arn": arn})


def _container(container: dict[str, Any]) -> dict[str, Any]:
    environment = container.get("environment", {})
    return pascal_keys({**container, "environment": None}) | {"Environment": environment}


def _endpoint_configuration(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, prefix="namePrefix", limit=_SAGEMAKER_NAME_LIMIT)
    variants = [
        {"VariantName": "AllTraffic", **pascal_keys(variant, memorySizeInMb="MemorySizeInMB")}
        for variant in inputs.need("productionVariants")
    ]
    for variant in variants:
        # For Pulumi's provider, a block that may occur once is a list.
        if routing := variant.pop("RoutingConfigs", None):
            (variant["RoutingConfig"],) = routing
    arn = request.aws.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=variants,
        Tags=tag_list(inputs.take("tags")),
        **inputs.arguments(KmsKeyId="kmsKeyArn"),
    )["EndpointConfigArn"]
    return Created(id=name, outputs={"name": name, "arn": arn})


def _endpoint(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, limit=_SAGEMAKER_NAME_LIMIT)
    deployment = inputs.take("deploymentConfig")
    arn = request.aws.client("sagemaker").create_endpoint(
        EndpointName=name,
        EndpointConfigName=inputs.need("endpointConfigName"),
        Tags=tag_list(inputs.take("tags")),
        **({"DeploymentConfig": pascal_keys(deployment)} if deployment else {}),
    )["EndpointArn"]
    return Created(id=name, outputs={"name": name, "arn": arn})


def _scalable_target(request: Request) -> Created:
    inputs = request.inputs
    resource = inputs.need("resourceId")
    answer = request.aws.client("application-autoscaling").register_scalable_target(
        ResourceId=resource,
        **_scaled(inputs),
        **inputs.arguments(MinCapacity="minCapacity", MaxCapacity="maxCapacity", RoleARN="roleArn", Tags="tags"),
    )
    return Created(id=resource, outputs={"arn": answer.get("ScalableTargetARN")})


def _scaling_policy(request: Request) -> Created:
    inputs = request.inputs
    name = physical_name(request.name, inputs, limit=256)
    tracking = inputs.take("targetTrackingScalingPolicyConfiguration")
    steps = inputs.take("stepScalingPolicyConfiguration")
    answer = request.aws.client("application-autoscaling").put_scaling_policy(
        PolicyName=name,
        ResourceId=inputs.need("resourceId"),
        **_scaled(inputs),
        **inputs.arguments(PolicyType="policyType"),
        **({"TargetTrackingScalingPolicyConfiguration": pascal_keys(tracking)} if tracking else {}),
        **({"StepScalingPolicyConfiguration": _step_scaling(steps)} if steps else {}),
    )
    alarms = [alarm["AlarmARN"] for alarm in answer.get("Alarms", [])]
    return Created(id=name, outputs={"name": name, "arn": answer["PolicyARN"], "alarmArns": alarms})


def _scaled(inputs: Inputs) -> dict[str, Any]:
    return inputs.arguments(ScalableDimension="scalableDimension", ServiceNamespace="serviceNamespace")


def _step_scaling(configuration: dict[str, Any]) -> dict[str, Any]:
    """Interval bounds are strings for the provider, so that a missing one differs from 0."""
    bounds = ("metricIntervalLowerBound", "metricIntervalUpperBound")
    steps = [
        {key: float(value) if key in bounds and value is not None else value for key, value in step.items()}
        for step in configuration.get("stepAdjustments", [])
    ]
    return pascal_keys({**configuration, "stepAdjustments": steps})


def _state_machine(request: Request) -> Created:
    """Created only: executing it would train on this machine, which `make train` does."""
    inputs = request.inputs
    name = physical_name(request.name, inputs, prefix="namePrefix", limit=80)
    logging, tracing = inputs.group("loggingConfiguration"), inputs.group("tracingConfiguration")
    logging_configuration = logging.arguments(level="level", includeExecutionData="includeExecutionData")
    if destination := logging.take("logDestination"):
        logging_configuration["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": destination}}]
    arn = request.aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=inputs.need("definition"),
        roleArn=inputs.need("roleArn"),
        tags=[{"key": key, "value": value} for key, value in inputs.take("tags", {}).items()],
        **({"loggingConfiguration": logging_configuration} if logging_configuration else {}),
        **({"tracingConfiguration": tracing.arguments(enabled="enabled")} if tracing else {}),
        **inputs.arguments(type="type"),
    )["stateMachineArn"]
    return Created(id=arn, outputs={"name": name, "arn": arn})


CREATE: dict[str, Create] = {
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _repository_lifecycle,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _repository_policy,
    "aws:sagemaker/model:Model": _model,
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _endpoint_configuration,
    "aws:sagemaker/endpoint:Endpoint": _endpoint,
    "aws:appautoscaling/target:Target": _scalable_target,
    "aws:appautoscaling/policy:Policy": _scaling_policy,
    "aws:sfn/stateMachine:StateMachine": _state_machine,
}

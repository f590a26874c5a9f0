"""A stage's deployment and its removal.

The endpoint needs an image, the image its repository, and the repository comes from the same program: a stage's first
deployment is up, images, up. Later ones are images, up, so that the endpoint always has its image. Everything that can
stop a deployment is checked before the first image.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.naming import RETRAINED_VERSION, Names, has_endpoint
from components.packaging import PackagingError, package_function, package_model
from components.settings.stage import LIVE_INSTANCES_VARIABLE, SettingsError, StageSettings, parse_settings
from operations import images, quotas, served, stacks, superseded
from operations.external import OperationError, require
from operations.stacks import SETTINGS

# What protection keeps, and the command that removes it.
_PROTECTED = {
    "aws:s3/bucket:Bucket": ("bucket", "aws s3 rb --force s3://{}"),
    "aws:dynamodb/table:Table": ("table", "aws dynamodb delete-table --table-name {}"),
    "aws:ecr/repository:Repository": ("repository", "aws ecr delete-repository --force --repository-name {}"),
}


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A stage with a valid file, and its names in its account."""

    settings: StageSettings
    names: Names


def deploy(stage: str) -> None:
    """Deploys the stage, including its images, and prints the API's address.

    Raises:
        OperationError: a setting is wrong, a step failed, or the endpoint was rolled back.
    """
    require("pulumi", "docker")
    checked = _checked(stage)
    settings, names = checked.settings, checked.names
    stacks.select(stage)
    stacks.refuse_locked(stage)
    _report_interrupted(stage)
    fleet = _fleet(settings, names)
    quotas.check(settings, names.region, fleet)
    if has_endpoint(settings.inference):
        served.remove_failed(names, stage, stacks.resources(stage))
    before = stacks.outputs(stage)
    replaced = False
    if any(image.repository_output not in before for image in images.IMAGES):
        stacks.up(stage)
    else:
        images.pin(stage)
        replaced = served.is_replaced(stacks.preview(stage))
    images.publish(stage)
    replaced |= _settings(stage).inference_image_digest != before.get("inferenceImageDigest")
    _up(stage, settings, names, fleet if replaced else None)
    outputs = stacks.outputs(stage)
    _check_endpoint(stage, names.region, outputs)
    _prune(stage, names, outputs)
    print(f"API: {outputs['apiUrl']}")


def _up(stage: str, settings: StageSettings, names: Names, fleet: served.Fleet | None) -> None:
    """Deploys; if `fleet` is given, the new fleet has the same size, also with another instance type."""
    environment: Mapping[str, str] = {}
    moves = False
    if fleet is not None:
        least, most = settings.endpoint.min_instances, settings.endpoint.max_instances
        environment = {LIVE_INSTANCES_VARIABLE: str(min(max(fleet.instances, least), most))}
        moves = fleet.instance_type != settings.endpoint.instance_type
    if moves:
        served.release_from_scaling(names)
    # The refresh finds that the fleet is not registered for autoscaling, and the deployment registers it again.
    stacks.up(stage, refresh=moves, environment=environment)


def _fleet(settings: StageSettings, names: Names) -> served.Fleet | None:
    """The current instances, if the stage should have some."""
    match settings.inference:
        case "endpoint":
            return served.fleet(names)
        case "serverless" | "lambda":
            return None
        case _:
            assert_never(settings.inference)


def _settings(stage: str) -> StageSettings:
    try:
        return parse_settings(stacks.config(stage).get(SETTINGS), key=SETTINGS)
    except SettingsError as error:
        raise OperationError(str(error)) from error


def _names(stage: str, settings: StageSettings) -> Names:
    region = stacks.config(stage).get("aws:region")
    if not isinstance(region, str):
        raise OperationError(f"aws:region is missing: set it in Pulumi.{stage}.yaml, for example to us-east-2")
    account_id = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    try:
        return Names(stage=stage, account_id=account_id, region=region, inference=settings.inference)
    except ValueError as error:
        raise OperationError(str(error)) from error


def _checked(stage: str) -> Checked:
    """The stage; fails before anything is changed if the program or API Gateway would fail later."""
    settings = _settings(stage)
    names = _names(stage, settings)
    try:
        package_function(runtime=settings.function.runtime)
        package_model()
    except PackagingError as error:
        raise OperationError(str(error)) from error
    account = boto3.client("apigateway", region_name=names.region).get_account()
    if not settings.api.account_logging_role and not account.get("cloudwatchRoleArn"):
        raise OperationError(
            "this account has no CloudWatch role for API Gateway: set api.accountLoggingRole to true "
            f"in Pulumi.{stage}.yaml (in one stage of the account)"
        )
    return Checked(settings=settings, names=names)


def _report_interrupted(stage: str) -> None:
    if interrupted := stacks.interrupted(stage):
        print(
            f"the last deployment of {stage} was killed while it was {', '.join(interrupted)}: if AWS reports that one "
            "of them already exists, delete it in AWS and deploy again; then pulumi refresh --yes "
            f"--clear-pending-creates --stack {stage} removes this warning",
            file=sys.stderr,
        )


def _check_endpoint(stage: str, region: str, outputs: Mapping[str, Any]) -> None:
    """Asks SageMaker which model is served, because the provider reports success for an update that was rolled back.

    A stage whose detector is a function has no endpoint.
    """
    if "endpointName" not in outputs:
        return
    endpoint = boto3.client("sagemaker", region_name=region).describe_endpoint(EndpointName=outputs["endpointName"])
    if endpoint["EndpointConfigName"] != outputs["endpointConfigName"]:
        if RETRAINED_VERSION in endpoint["EndpointConfigName"]:
            raise OperationError(
                f"{outputs['endpointName']} serves {endpoint['EndpointConfigName']}, which was retrained and is not in "
                f"Pulumi.{stage}.yaml: set endpoint.modelVersion to its version, or any older one to go back"
            )
        raise OperationError(
            f"SageMaker rolled {outputs['endpointName']} back to {endpoint['EndpointConfigName']}: see its log group "
            f"and its alarms; after pulumi refresh --stack {stage} make deploy tries again"
        )


def publish_images(stage: str) -> None:
    require("pulumi", "docker")
    images.publish(stage)


def pin_images(stage: str) -> None:
    require("pulumi")
    images.pin(stage)


def destroy(stage: str, confirm: str | None = None) -> None:
    """Removes the stage and what its updates have left.

    Args:
        confirm: the stage's name, instead of an answer at the terminal.

    Raises:
        OperationError: the stage is protected, or there is no terminal to confirm.
    """
    require("pulumi")
    names = _names(stage, _settings(stage))
    if confirm not in (None, stage):
        raise OperationError(f"CONFIRM={confirm} is not the stage: run make destroy STAGE={stage} CONFIRM={stage}")
    resources = stacks.resources(stage)
    if protected := _kept(resources, "protect"):
        raise OperationError(
            f"protect: true in Pulumi.{stage}.yaml keeps {', '.join(f'{kind} {name}' for kind, name, _ in protected)}: "
            f"to remove them with their content set it to false, then make deploy STAGE={stage} and "
            f"make destroy STAGE={stage}"
        )
    if confirm is None and not sys.stdin.isatty():
        raise OperationError(f"there is no terminal to ask at: confirm with make destroy STAGE={stage} CONFIRM={stage}")
    stacks.destroy(stage, confirmed=confirm is not None)
    if any(resource["type"].startswith("aws:") for resource in stacks.resources(stage)):
        return
    _print_gone(superseded.remove_all(names))
    for kind, name, command in _kept(resources, "retainOnDelete"):
        print(f"kept: {kind} {name}; to remove it: {command.format(name)} --region {names.region}")


def _kept(resources: Sequence[Mapping[str, Any]], by: str) -> Sequence[tuple[str, str, str]]:
    """Resources with data that this option in the state keeps: kind, name, and the command that removes it."""
    return [
        (*_PROTECTED[resource["type"]][:1], resource["id"], _PROTECTED[resource["type"]][1])
        for resource in resources
        if resource.get(by) and resource["type"] in _PROTECTED
    ]


def _prune(stage: str, names: Names, outputs: Mapping[str, Any]) -> None:
    """Removes superseded resources. The deployment has already succeeded, so a failure here is not an error."""
    try:
        gone = superseded.prune(
            names,
            served=outputs.get("endpointConfigName"),
            resources=stacks.resources(stage),
            bucket=outputs["bucketName"],
        )
    except (BotoCoreError, ClientError) as error:
        print(f"superseded resources were not removed: {' '.join(str(error).split())}", file=sys.stderr)
    else:
        _print_gone(gone)


def _print_gone(gone: Sequence[str]) -> None:
    for text in gone:
        print(f"removed, as nothing uses it: {text}")

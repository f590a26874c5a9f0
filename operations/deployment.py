"""A stage's deployment and its removal.

The endpoint needs an image, the image its repository, and the repository comes from the same program: a stage's first
deployment is up, images, up. Later ones are images, up, so that the endpoint is never left without its image.
"""

import boto3

from components.naming import RETRAINED_VERSION
from components.settings.stage import SettingsError, parse_settings
from operations import images, stacks
from operations.external import OperationError, require
from operations.stacks import SETTINGS


def deploy(stage: str) -> None:
    """Deploys the stage, its images included, and prints the API's address.

    Raises:
        OperationError: a setting is wrong, a step failed, or the endpoint went back to what it served before.
    """
    require("pulumi", "docker")
    region = _checked_region(stage)
    stacks.select(stage)
    if any(image.repository_output not in stacks.outputs(stage) for image in images.IMAGES):
        stacks.up(stage)
    images.publish(stage)
    stacks.up(stage)
    _check_endpoint(stage, region)
    print(f"API: {stacks.outputs(stage)['apiUrl']}")


def _checked_region(stage: str) -> str:
    """The stage's region; stops before anything is changed where the program or API Gateway would stop half way."""
    config = stacks.config(stage)
    try:
        settings = parse_settings(config.get(SETTINGS), key=SETTINGS)
    except SettingsError as error:
        raise OperationError(str(error)) from error
    region = config.get("aws:region")
    if not isinstance(region, str):
        raise OperationError(f"aws:region is missing: set it in Pulumi.{stage}.yaml, for example to us-east-2")
    account = boto3.client("apigateway", region_name=region).get_account()
    if not settings.api.account_logging_role and not account.get("cloudwatchRoleArn"):
        raise OperationError(
            "this account has no CloudWatch role for API Gateway: set api.accountLoggingRole to true "
            f"in Pulumi.{stage}.yaml (in one stage of the account)"
        )
    return region


def _check_endpoint(stage: str, region: str) -> None:
    """The provider takes an update that SageMaker has rolled back for done: asks SageMaker what is served.

    A stage whose detector is a function has no endpoint.
    """
    outputs = stacks.outputs(stage)
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


def destroy(stage: str) -> None:
    require("pulumi")
    stacks.destroy(stage)

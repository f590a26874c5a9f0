"""The state of a stage's endpoint in SageMaker before a deployment, and what must be done before it changes."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from components.detector.model import VARIANT_NAME
from components.naming import Names
from operations.external import OperationError

ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
ENDPOINT_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_SCALED = "sagemaker:variant:DesiredInstanceCount"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The current instances of a real-time endpoint."""

    instance_type: str
    instances: int


def fleet(names: Names) -> Fleet | None:
    """The endpoint's instances; None if the stage has no real-time endpoint, or none yet."""
    sagemaker = boto3.client("sagemaker", region_name=names.region)
    endpoint = _described(sagemaker, names.endpoint)
    if endpoint is None:
        return None
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    configured = config["ProductionVariants"][0]
    if "InstanceType" not in configured:
        return None
    running = next((v for v in endpoint.get("ProductionVariants", []) if v["VariantName"] == VARIANT_NAME), {})
    instances = running.get("DesiredInstanceCount") or running.get("CurrentInstanceCount")
    return Fleet(
        instance_type=configured["InstanceType"], instances=instances or configured.get("InitialInstanceCount", 1)
    )


def is_replaced(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these steps of a preview change the endpoint's configuration, which starts a new fleet."""
    return any(f"${ENDPOINT_CONFIGURATION}::" in step["urn"] and "replace" in step["op"] for step in steps)


def release_from_scaling(names: Names) -> None:
    """Removes the endpoint's instances from autoscaling, with both policies.

    SageMaker refuses a change of the instance type while autoscaling is on
    (https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-update.html).
    """
    scaling = boto3.client("application-autoscaling", region_name=names.region)
    resource = f"endpoint/{names.endpoint}/variant/{VARIANT_NAME}"
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])
    if found["ScalableTargets"]:
        scaling.deregister_scalable_target(ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension=_SCALED)


def remove_failed(names: Names, stage: str, resources: Sequence[Mapping[str, Any]]) -> None:
    """Deletes an endpoint whose first creation failed: it exists in SageMaker, but not in the stack.

    The provider records an endpoint only once it is in service, so the next deployment would find its name taken.

    Args:
        resources: the resources of the stack.

    Raises:
        OperationError: an endpoint of this name exists that did not fail and that is not in the stack.
    """
    if any(resource["type"] == ENDPOINT and resource["inputs"]["name"] == names.endpoint for resource in resources):
        return
    sagemaker = boto3.client("sagemaker", region_name=names.region)
    endpoint = _described(sagemaker, names.endpoint)
    if endpoint is None:
        return
    status = endpoint["EndpointStatus"]
    if status != "Failed":
        raise OperationError(
            f"{names.endpoint} is in SageMaker ({status}) and not in stack {stage}: an interrupted deployment left it. "
            f"When it is no longer Creating, run aws sagemaker delete-endpoint --region {names.region} "
            f"--endpoint-name {names.endpoint}, then make deploy STAGE={stage}"
        )
    reason = " ".join(endpoint.get("FailureReason", "no reason is known").split())
    print(f"{names.endpoint} could not be created: {reason}; it is removed and created again", file=sys.stderr)
    sagemaker.delete_endpoint(EndpointName=names.endpoint)
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=names.endpoint)


def _described(sagemaker: Any, endpoint: str) -> Any | None:
    try:
        return sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        # SageMaker's answer if the endpoint does not exist.
        if error.response["Error"]["Code"] == "ValidationException":
            return None
        raise

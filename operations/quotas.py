"""Checks, before anything is built, that the account's quotas are large enough for a stage's settings."""

from collections.abc import Mapping
from typing import assert_never

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from components.settings.stage import StageSettings
from operations.external import OperationError
from operations.served import Fleet

# Lambda keeps this many concurrent executions unreserved:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
LEAST_UNRESERVED = 100
# Its name in Service Quotas; it is per region: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
_SERVERLESS_CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"
_CONSOLE = "https://console.aws.amazon.com/servicequotas/"


def check(settings: StageSettings, region: str, fleet: Fleet | None) -> None:
    """Stops if the stage exceeds a quota. A quota that cannot be looked up is ignored.

    Args:
        fleet: the endpoint's current instances; None if there is no endpoint yet.

    Raises:
        OperationError: names the quota, what the stage needs and the setting to lower.
    """
    try:
        match settings.inference:
            case "endpoint":
                _check_endpoint(settings, sagemaker_quotas(region), fleet)
            case "serverless":
                _check_serverless(settings, sagemaker_quotas(region))
            case "lambda":
                _check_function(settings, region)
            case _:
                assert_never(settings.inference)
    except (BotoCoreError, ClientError):
        # A deployment works without this permission, and not every partition has Service Quotas.
        return


def sagemaker_quotas(region: str) -> Mapping[str, float]:
    """SageMaker's quotas in this account and region, by name."""
    client = boto3.client("service-quotas", region_name=region)
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker")
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}


def _check_endpoint(settings: StageSettings, quotas: Mapping[str, float], fleet: Fleet | None) -> None:
    endpoint = settings.endpoint
    name = f"{endpoint.instance_type} for endpoint usage"
    quota = quotas.get(name)
    if quota is None:
        return
    if endpoint.max_instances > quota:
        raise OperationError(
            f'this account\'s quota "{name}" is {quota:g} and endpoint.maxInstances is {endpoint.max_instances}: lower '
            f"it, choose another endpoint.instanceType, or ask for more at {_CONSOLE}"
        )
    # An update starts a new fleet of the same size while the old one still runs.
    if fleet is not None and fleet.instance_type == endpoint.instance_type and 2 * fleet.instances > quota:
        raise OperationError(
            f'this account\'s quota "{name}" is {quota:g} and an update of {fleet.instances} instances needs '
            f"{2 * fleet.instances} for as long as it takes: lower endpoint.minInstances and wait for less load, or "
            f"ask for more at {_CONSOLE}"
        )


def _check_serverless(settings: StageSettings, quotas: Mapping[str, float]) -> None:
    quota = quotas.get(_SERVERLESS_CONCURRENCY)
    wanted = settings.serverless.max_concurrency
    if quota is not None and wanted > quota:
        raise OperationError(
            f'this account\'s quota "{_SERVERLESS_CONCURRENCY}" is {quota:g} and serverless.maxConcurrency is '
            f"{wanted}: lower it, or ask for more at {_CONSOLE}"
        )


def _check_function(settings: StageSettings, region: str) -> None:
    wanted = settings.detector_function.reserved_concurrency
    if wanted is None:
        return
    limit = boto3.client("lambda", region_name=region).get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    if wanted > limit - LEAST_UNRESERVED:
        most = limit - LEAST_UNRESERVED
        allowed = f"lower it to at most {most}" if most > 0 else "leave it out"
        raise OperationError(
            f"this account's Lambda quota is {limit} concurrent executions, of which {LEAST_UNRESERVED} cannot be "
            f"reserved, and detectorFunction.reservedConcurrency is {wanted}: {allowed}, or ask for more at {_CONSOLE}"
        )

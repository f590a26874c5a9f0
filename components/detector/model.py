"""The model for SageMaker: what a deployment and a retraining have to define in the same way."""

from collections.abc import Mapping
from typing import assert_never

from components.naming import Inference
from components.settings.groups import EndpointSettings
from images.inference import contract

# The name that SageMaker's own tools give the only variant of an endpoint.
VARIANT_NAME = "AllTraffic"
ROUTING_STRATEGY = "LEAST_OUTSTANDING_REQUESTS"
# SageMaker's name for a model archive.
MODEL_ARCHIVE = "model.tar.gz"


def is_isolated(inference: Inference) -> bool:
    """Whether a model's containers run in network isolation; serving needs no network.

    Serverless inference does not support it: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html.
    """
    match inference:
        case "endpoint" | "lambda":
            return True
        case "serverless":
            return False
        case _:
            assert_never(inference)


def model_environment(settings: EndpointSettings) -> Mapping[str, str]:
    """The inference container's variables."""
    return {
        contract.MODEL_PATH_VARIABLE: contract.DEFAULT_MODEL_PATH,
        contract.CONFIDENCE_VARIABLE: str(settings.confidence_threshold),
        contract.IOU_VARIABLE: str(settings.iou_threshold),
        contract.VIEWS_VARIABLE: str(settings.views),
    }

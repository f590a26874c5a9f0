"""The model as SageMaker takes it: what a deployment and a retraining have to say alike."""

from collections.abc import Mapping

from components.naming import Inference
from components.packaging import MODEL_FILE
from components.settings.groups import EndpointSettings

# The name SageMaker's own tools give the only variant of an endpoint.
VARIANT_NAME = "AllTraffic"
ROUTING_STRATEGY = "LEAST_OUTSTANDING_REQUESTS"
# What SageMaker calls a model's archive, and where it unpacks it in the container.
MODEL_ARCHIVE = "model.tar.gz"
_MODEL_FOLDER = "/opt/ml/model"


def is_isolated(inference: Inference) -> bool:
    """Whether a model's containers are cut off from the network, which serving does not need.

    Serverless inference does not support it: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html.
    """
    return inference != "serverless"


def model_environment(settings: EndpointSettings) -> Mapping[str, str]:
    """The inference container's variables."""
    return {
        "MODEL_PATH": f"{_MODEL_FOLDER}/{MODEL_FILE}",
        "CONFIDENCE_THRESHOLD": str(settings.confidence_threshold),
        "IOU_THRESHOLD": str(settings.iou_threshold),
        "VIEWS": str(settings.views),
    }

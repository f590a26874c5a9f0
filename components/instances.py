"""SageMaker's instance types."""

import re
from functools import cache
from typing import Literal

from botocore.loaders import create_loader

# Uses of an instance. Not every type is offered for each use.
Use = Literal["endpoints", "training jobs", "processing jobs", "transform jobs"]
# The enumeration of each use in botocore's model of SageMaker, which comes from the service.
_SHAPES: dict[Use, str] = {
    "endpoints": "ProductionVariantInstanceType",
    "training jobs": "TrainingInstanceType",
    "processing jobs": "ProcessingInstanceType",
    "transform jobs": "TransformInstanceType",
}
_VCPUS_PER_XLARGE = 4
# Exceptions from 4 vCPUs per "xlarge", 2 per "large" and 1 per "medium".
_EXCEPTIONS = {"ml.c4.8xlarge": 36, "ml.t2.medium": 2, "ml.t3.medium": 2}


def instance_types(use: Use) -> tuple[str, ...]:
    """The types that SageMaker offers for a use, in at least one region."""
    return _offered()[use]


@cache
def _offered() -> dict[Use, tuple[str, ...]]:
    """All of them at once: the model that they stand in is large."""
    shapes = create_loader().load_service_model("sagemaker", "service-2")["shapes"]
    return {use: tuple(shapes[shape]["enum"]) for use, shape in _SHAPES.items()}


def vcpus(instance_type: str) -> int:
    """The number of vCPUs of a type that an endpoint can have: 4 for ml.c5.xlarge.

    Raises:
        ValueError: there is no such type.
    """
    if instance_type not in instance_types("endpoints"):
        raise ValueError(
            f"instance_type: {instance_type!r} is not allowed: must be an instance type such as ml.c5.xlarge"
        )
    if instance_type in _EXCEPTIONS:
        return _EXCEPTIONS[instance_type]
    size = instance_type.rsplit(".", 1)[1]
    if size == "medium":
        return 1
    if size == "large":
        return 2
    return _VCPUS_PER_XLARGE * int(re.sub(r"xlarge$", "", size) or 1)

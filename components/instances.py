"""What the program has to know about SageMaker's instance types."""

import re

# Only sizes of the form AWS uses for SageMaker:
# https://docs.aws.amazon.com/sagemaker/latest/dg/notebooks-available-instance-types.html
INSTANCE_TYPE_PATTERN = r"^ml\.[a-z][a-z0-9-]*\.(medium|large|xlarge|[1-9]\d?xlarge)$"
_VCPUS_PER_XLARGE = 4
# What is not 4 vCPU per "xlarge", 2 per "large" and 1 per "medium".
_EXCEPTIONS = {"ml.c4.8xlarge": 36, "ml.t2.medium": 2, "ml.t3.medium": 2}


def vcpus(instance_type: str) -> int:
    """The number of vCPUs of a type whose name matches `INSTANCE_TYPE_PATTERN`: 4 for ml.c5.xlarge.

    Raises:
        ValueError: the name is no instance type's.
    """
    if not re.fullmatch(INSTANCE_TYPE_PATTERN, instance_type):
        raise ValueError(f"instance_type: {instance_type!r} is not allowed: must be one such as ml.c5.xlarge")
    if instance_type in _EXCEPTIONS:
        return _EXCEPTIONS[instance_type]
    size = instance_type.rsplit(".", 1)[1]
    if size == "medium":
        return 1
    if size == "large":
        return 2
    return _VCPUS_PER_XLARGE * int(size.removesuffix("xlarge") or 1)

"""The regions of AWS."""

from functools import cache

from botocore.loaders import create_loader


@cache
def regions() -> tuple[str, ...]:
    """The regions of every partition that the installed botocore knows."""
    partitions = create_loader().load_data("endpoints")["partitions"]
    return tuple(sorted(region for partition in partitions for region in partition["regions"]))

"""Models, endpoint configurations and model archives that a stage no longer serves.

A deployment keeps what it replaces, because SageMaker still serves it if it rolls the update back. Once the endpoint
serves the new deployment, the served version and the one before it are kept, and the rest is deleted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import boto3

from components.naming import MODELS_PREFIX, Names
from operations.served import ENDPOINT_CONFIGURATION

_MODEL = "aws:sagemaker/model:Model"
_MODEL_DATA = "aws:s3/bucketObjectv2:BucketObjectv2"
# The program's own archives, named by their hash. Published versions of a retraining are kept for a rollback.
_ARCHIVE = re.compile(rf"{MODELS_PREFIX}[0-9a-f]{{64}}/model\.tar\.gz")


def prune(names: Names, *, served: str | None, resources: Sequence[Mapping[str, Any]], bucket: str) -> Sequence[str]:
    """Deletes everything older than the served version and the one before it; returns descriptions of what it deleted.

    Args:
        served: the endpoint configuration that is served; None if the stage has no endpoint.
        resources: the resources of the stack, which are never deleted.
        bucket: the bucket with the model archives.
    """
    sagemaker = boto3.client("sagemaker", region_name=names.region)
    configs = _configs(sagemaker, names)
    kept = _ids(resources, ENDPOINT_CONFIGURATION)
    if served in configs:
        # A running retraining has created a newer one, which is not served yet.
        kept |= {name for name in configs if configs[name] >= configs[served]}
        older = sorted((name for name in configs if name not in kept), key=lambda name: configs[name])
        kept |= {*older[-1:]}
    gone = [f"endpoint configuration {name}" for name in _remove_configs(sagemaker, configs.keys() - kept)]
    models = _models(sagemaker, names)
    kept_models = _ids(resources, _MODEL)
    for config in kept & configs.keys():
        described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
        kept_models |= {variant["ModelName"] for variant in described["ProductionVariants"]}
    if served in configs:
        kept_models |= {name for name in models if models[name] > configs[served]}
    gone += [f"model {name}" for name in _remove_models(sagemaker, models.keys() - kept_models)]
    data = {resource["inputs"]["key"] for resource in resources if resource["type"] == _MODEL_DATA}
    for model in kept_models & models.keys():
        url = sagemaker.describe_model(ModelName=model)["PrimaryContainer"].get("ModelDataUrl", "")
        data.add(url.removeprefix(f"s3://{bucket}/"))
    return gone + [f"archive {key}" for key in _remove_archives(names, bucket, data)]


def remove_all(names: Names) -> Sequence[str]:
    """Deletes every model and endpoint configuration of a removed stage; returns descriptions of what it deleted."""
    sagemaker = boto3.client("sagemaker", region_name=names.region)
    gone = [f"endpoint configuration {name}" for name in _remove_configs(sagemaker, _configs(sagemaker, names))]
    return gone + [f"model {name}" for name in _remove_models(sagemaker, _models(sagemaker, names))]


def _configs(sagemaker: Any, names: Names) -> dict[str, Any]:
    """The stage's endpoint configurations, each with its creation time."""
    pages = sagemaker.get_paginator("list_endpoint_configs").paginate()
    found = {c["EndpointConfigName"]: c["CreationTime"] for page in pages for c in page["EndpointConfigs"]}
    return {name: time for name, time in found.items() if _is_of(names, "[a-z]+", name)}


def _models(sagemaker: Any, names: Names) -> dict[str, Any]:
    pages = sagemaker.get_paginator("list_models").paginate()
    found = {model["ModelName"]: model["CreationTime"] for page in pages for model in page["Models"]}
    return {name: time for name, time in found.items() if _is_of(names, "model", name)}


def _is_of(names: Names, kind: str, name: str) -> bool:
    """Whether the program or a retraining of this stage created the name; names of other stages may begin the same."""
    program = rf"{re.escape(names.served)}-{kind}-[0-9a-f]{{7}}"
    return re.fullmatch(rf"{program}|{re.escape(names.retrained)}[0-9]{{8}}-[0-9]{{6}}", name) is not None


def _remove_configs(sagemaker: Any, names: Any) -> list[str]:
    for name in names:
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
    return sorted(names)


def _remove_models(sagemaker: Any, names: Any) -> list[str]:
    for name in names:
        sagemaker.delete_model(ModelName=name)
    return sorted(names)


def _remove_archives(names: Names, bucket: str, kept: set[str]) -> list[str]:
    s3 = boto3.client("s3", region_name=names.region)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=MODELS_PREFIX)
    found = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    gone = [key for key in found if _ARCHIVE.fullmatch(key) and key not in kept]
    for key in gone:
        s3.delete_object(Bucket=bucket, Key=key)
    return gone


def _ids(resources: Sequence[Mapping[str, Any]], kind: str) -> set[str]:
    return {resource["inputs"]["name"] for resource in resources if resource["type"] == kind}

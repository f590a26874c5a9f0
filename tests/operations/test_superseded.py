"""Models, endpoint configurations and archives that nothing serves go; what is served and the one before stay."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws
from moto.sagemaker.models import sagemaker_backends

from components.naming import Names
from operations import superseded
from tests.moto_clients import client

ACCOUNT_ID, REGION, BUCKET = "123456789012", "us-east-2", "blueprints"
NAMES = Names(stage="dev", account_id=ACCOUNT_ID, region=REGION)
RETRAINED = "room-detection-dev-retrained-20260728-101500"


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        location: Any = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        yield client("sagemaker")


def update(sagemaker: Any, number: int, *, name: str | None = None) -> str:
    """Leaves what the update of this number makes: an archive, a model, a configuration; returns the last's name."""
    suffix = f"{number:07x}"
    model, config = name or f"{NAMES.served}-model-{suffix}", name or f"{NAMES.served}-config-{suffix}"
    key = f"models/{number:064x}/model.tar.gz"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"archive")
    container = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{key}"}
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/sagemaker"
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model,
        "InstanceType": "ml.c5.xlarge",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    # An hour between any two updates.
    made = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    backend = sagemaker_backends[ACCOUNT_ID][REGION]
    for one in (backend._models[model], backend.endpoint_configs[config]):
        one.creation_time = made
    return config


def left(sagemaker: Any) -> tuple[set[str], set[str], set[str]]:
    """The configurations, models and archives that are there."""
    found = client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    configs = sagemaker.list_endpoint_configs()["EndpointConfigs"]
    models = sagemaker.list_models()["Models"]
    return (
        {config["EndpointConfigName"] for config in configs},
        {model["ModelName"] for model in models},
        {entry["Key"].split("/")[1] for entry in found},
    )


def test_the_served_model_and_the_one_before_it_stay(sagemaker: Any):
    configs = [update(sagemaker, number) for number in (1, 2, 3, 4)]
    gone = superseded.prune(NAMES, served=configs[-1], resources=[], bucket=BUCKET)
    there = left(sagemaker)
    assert there[0] == set(configs[-2:])
    assert there[1] == {f"{NAMES.served}-model-{number:07x}" for number in (3, 4)}
    assert there[2] == {f"{number:064x}" for number in (3, 4)}
    assert f"endpoint configuration {configs[0]}" in gone
    assert len(gone) == 6


def test_a_running_retraining_keeps_what_it_has_created(sagemaker: Any):
    served = update(sagemaker, 1)
    update(sagemaker, 2, name=RETRAINED)
    assert superseded.prune(NAMES, served=served, resources=[], bucket=BUCKET) == []


def test_models_of_another_stage_and_of_the_stack_stay(sagemaker: Any):
    other = update(sagemaker, 1, name="room-detection-yolov8-dev-two-config-0123abc")
    own, served = update(sagemaker, 2), [update(sagemaker, number) for number in (3, 4)][-1]
    resources = [
        {
            "type": "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            "inputs": {"name": own},
        }
    ]
    superseded.prune(NAMES, served=served, resources=resources, bucket=BUCKET)
    assert {other, own} <= left(sagemaker)[0]


def test_a_removed_stage_leaves_nothing(sagemaker: Any):
    update(sagemaker, 1)
    update(sagemaker, 2, name=RETRAINED)
    other = update(sagemaker, 3, name="room-detection-yolov8-dev-two-config-0123abc")
    superseded.remove_all(NAMES)
    assert left(sagemaker)[:2] == ({other}, {other})

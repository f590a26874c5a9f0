from typing import Any

import pytest

from components.naming import Names

ACCOUNT = "123456789012"


def every_name(stage: str) -> dict[str, str]:
    names = Names(stage=stage, account_id=ACCOUNT, region="us-east-2")
    properties = [name for name, value in vars(Names).items() if isinstance(value, property)]
    plain = {name: getattr(names, name) for name in properties if name not in ("partition", "dashboard_url")}
    return plain | {"alarm": names.alarm("HighLatency"), "scaling_policy": names.scaling_policy("table-read")}


def test_every_name_contains_the_stage_except_the_accounts_own_log_group() -> None:
    without = {key for key, name in every_name("staging").items() if "staging" not in name}
    assert without == {"training_log_group"}


def test_two_stages_of_an_account_share_no_name_except_the_accounts_own_log_group() -> None:
    shared = set(every_name("dev").values()) & set(every_name("prod").values())
    assert shared == {"/aws/sagemaker/TrainingJobs"}


def test_names_are_the_documents_with_the_stage() -> None:
    names = every_name("dev")
    assert names["bucket"] == "room-detection-ai-blueprints-dev-123456789012"
    assert names["table"] == "room-detection-status-dev"
    assert names["function"] == "room-detection-ai-handler-dev"
    assert names["function_role"] == "RoomDetectionLambdaRole-dev"
    assert names["api"] == "room-detection-api-dev"
    assert names["endpoint"] == "room-detection-yolov8-endpoint-dev"
    assert names["inference_repository"] == "room-detection-yolov8-inference-dev"
    assert names["training_repository"] == "room-detection-yolov8-dev"


def test_the_longest_stage_fits_into_every_name() -> None:
    names = every_name("a" * 16)
    assert len(names["bucket"]) <= 63
    assert len(names["endpoint"]) <= 63
    assert max(len(name) for key, name in names.items() if key.endswith("_role")) <= 64
    assert len(names["retrained"] + "20260728-101500") <= 63
    assert len(names["retraining"]) <= 80
    assert len(names["function"]) <= 64


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-2", "aws"), ("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_have_the_partition_of_their_region(region: str, partition: str) -> None:
    names = Names(stage="dev", account_id=ACCOUNT, region=region)
    assert names.bucket_arn("a-bucket") == f"arn:{partition}:s3:::a-bucket"
    assert names.function_arn("a-function") == f"arn:{partition}:lambda:{region}:{ACCOUNT}:function:a-function"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "Dev"),
        ("stage", "1dev"),
        ("stage", "dev-"),
        ("stage", "a" * 17),
        ("stage", ""),
        ("account_id", "123"),
        ("region", "Ohio"),
    ],
)
def test_a_name_that_aws_would_refuse_is_refused_first(field: str, value: str) -> None:
    arguments: dict[str, Any] = {"stage": "dev", "account_id": ACCOUNT, "region": "us-east-2"} | {field: value}
    with pytest.raises(ValueError, match=f"{field}: '{value}' is not allowed: must be"):
        Names(**arguments)


def test_a_serverless_endpoint_has_a_name_of_its_own() -> None:
    names = [
        Names(stage="dev", account_id=ACCOUNT, region="us-east-2", inference=kind).endpoint
        for kind in ("endpoint", "serverless")
    ]
    assert names == ["room-detection-yolov8-endpoint-dev", "room-detection-yolov8-serverless-dev"]

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from components.function import BlueprintFunction, BlueprintFunctionArgs
from components.naming import Inference, Names, has_endpoint
from components.settings.groups import FunctionSettings
from runtime.environment import Environment
from tests.components.recorder import Graph, build

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
TABLE = "room-detection-status-dev"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
FUNCTION = "room-detection-ai-handler-dev"
DETECTOR = "room-detection-ai-detector-dev"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "function.zip"
    path.write_bytes(b"PK")
    return path


def function(
    names: Names, tags: dict[str, str], archive: Path, settings: FunctionSettings | None = None, **changes: Any
) -> Graph:
    arguments: dict[str, Any] = {
        "names": names,
        "settings": settings or FunctionSettings(),
        "archive": archive,
        "bucket_name": BUCKET,
        "bucket_arn": f"arn:aws:s3:::{BUCKET}",
        "table_name": TABLE,
        "table_arn": f"arn:aws:dynamodb:us-east-2:123456789012:table/{TABLE}",
        "detector_name": ENDPOINT,
        "allowed_origin": "*",
        "record_ttl_days": 30,
        "log_retention_days": 7,
        "tags": tags,
    }
    return build(lambda: BlueprintFunction("handler", BlueprintFunctionArgs(**arguments | changes)))


def test_the_function_is_the_documents(names: Names, tags: dict[str, str], archive: Path) -> None:
    inputs = function(names, tags, archive).inputs("function:Function")
    assert inputs.pop("code").path == str(archive)
    variables = inputs.pop("environment")["variables"]
    assert inputs == {
        "name": FUNCTION,
        "description": "Answers upload, process and status of blueprints",
        "role": "arn:aws:iam::123456789012:role/RoomDetectionLambdaRole-dev",
        "runtime": "python3.11",
        "architectures": ["x86_64"],
        "handler": "runtime.handler.handle",
        "memorySize": 512,
        "timeout": 60,
        "ephemeralStorage": {"size": 512},
        "tracingConfig": {"mode": "PassThrough"},
        "tags": tags,
    }
    assert "AWS_REGION" not in variables, "Lambda reserves it: creation fails"


def test_the_function_understands_its_environment(names: Names, tags: dict[str, str], archive: Path) -> None:
    graph = function(names, tags, archive, allowed_origin="https://rooms.example.com", record_ttl_days=14)
    assert Environment.read(graph.inputs("function:Function")["environment"]["variables"]) == Environment(
        bucket=BUCKET,
        table=TABLE,
        detector_variable="SAGEMAKER_ENDPOINT",
        detector_name=ENDPOINT,
        allowed_origin="https://rooms.example.com",
        function_timeout_seconds=60,
        record_ttl_days=14,
        detector_timeout_seconds=20,
        tracing=False,
        log_level="INFO",
        service="room-detection",
        metrics_namespace="RoomDetection",
        stage="dev",
    )


def test_the_functions_settings_reach_it(names: Names, tags: dict[str, str], archive: Path) -> None:
    settings = FunctionSettings(
        memory_mb=1024, timeout_seconds=90, ephemeral_storage_mb=1024, detector_timeout_seconds=15, log_level="DEBUG"
    )
    inputs = function(names, tags, archive, settings).inputs("function:Function")
    assert (inputs["memorySize"], inputs["timeout"], inputs["ephemeralStorage"]) == (1024, 90, {"size": 1024})
    variables = inputs["environment"]["variables"]
    assert variables["FUNCTION_TIMEOUT_SECONDS"] == "90"
    assert variables["DETECTOR_TIMEOUT_SECONDS"] == "15"
    assert variables["LOG_LEVEL"] == "DEBUG"


def test_only_lambda_can_assume_the_functions_role(names: Names, tags: dict[str, str], archive: Path) -> None:
    graph = function(names, tags, archive)
    assert graph.inputs("role:Role")["name"] == "RoomDetectionLambdaRole-dev"
    assert graph.document("role:Role", key="assumeRolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }


@pytest.mark.parametrize("tracing", [False, True])
def test_the_role_can_do_what_the_function_does_and_nothing_else(
    names: Names, tags: dict[str, str], archive: Path, tracing: bool
) -> None:
    x_ray = {
        "Sid": "Traces",
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": "*",
    }
    graph = function(names, tags, archive, FunctionSettings(tracing=tracing))
    assert graph.document("rolePolicy:RolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Blueprints",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::{BUCKET}/blueprints/*",
            },
            {
                "Sid": "MissingBlueprints",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": f"arn:aws:s3:::{BUCKET}",
                "Condition": {"StringLike": {"s3:prefix": ["blueprints/*"]}},
            },
            {
                "Sid": "Records",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                "Resource": f"arn:aws:dynamodb:us-east-2:123456789012:table/{TABLE}",
            },
            {
                "Sid": "Detector",
                "Effect": "Allow",
                "Action": ["sagemaker:InvokeEndpoint"],
                "Resource": f"arn:aws:sagemaker:us-east-2:123456789012:endpoint/{ENDPOINT}",
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/{FUNCTION}:*",
            },
            *([x_ray] if tracing else []),
        ],
    }


def test_a_detector_that_is_a_function_is_the_only_one_that_the_function_may_invoke(
    names: Names, tags: dict[str, str], archive: Path
) -> None:
    graph = function(replace(names, inference="lambda"), tags, archive, detector_name=DETECTOR)
    statements = {s["Sid"]: s for s in graph.document("rolePolicy:RolePolicy")["Statement"]}
    assert statements["Detector"] == {
        "Sid": "Detector",
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": f"arn:aws:lambda:us-east-2:123456789012:function:{DETECTOR}",
    }


@pytest.mark.parametrize("inference", get_args(Inference))
def test_the_function_finds_every_kind_of_detector(
    names: Names, tags: dict[str, str], archive: Path, inference: Inference
) -> None:
    graph = function(replace(names, inference=inference), tags, archive, detector_name=DETECTOR)
    environment = Environment.read(graph.inputs("function:Function")["environment"]["variables"])
    assert environment.detector_name == DETECTOR
    assert environment.detector_variable == ("SAGEMAKER_ENDPOINT" if has_endpoint(inference) else "DETECTOR_FUNCTION")


def test_tracing_is_one_setting_for_lambda_and_the_code(names: Names, tags: dict[str, str], archive: Path) -> None:
    inputs = function(names, tags, archive, FunctionSettings(tracing=True)).inputs("function:Function")
    assert inputs["tracingConfig"] == {"mode": "Active"}
    assert inputs["environment"]["variables"]["TRACING"] == "true"


def test_the_function_waits_for_its_policy_and_its_log_group(names: Names, tags: dict[str, str], archive: Path) -> None:
    graph = function(names, tags, archive)
    log_group = graph.one("logGroup:LogGroup")
    assert log_group.inputs == {"name": f"/aws/lambda/{FUNCTION}", "retentionInDays": 7, "tags": tags}
    dependencies = graph.one("function:Function").dependencies
    assert {log_group.urn, graph.one("rolePolicy:RolePolicy").urn} <= set(dependencies)


def test_the_functions_outputs_name_it_in_every_form(names: Names, tags: dict[str, str], archive: Path) -> None:
    arn = f"arn:aws:lambda:us-east-2:123456789012:function:{FUNCTION}"
    assert function(names, tags, archive).outputs("compute:BlueprintFunction") == {
        "functionName": FUNCTION,
        "functionArn": arn,
        "invokeArn": f"arn:aws:apigateway:us-east-2:lambda:path/2015-03-31/functions/{arn}/invocations",
        "roleArn": "arn:aws:iam::123456789012:role/RoomDetectionLambdaRole-dev",
        "logGroupName": f"/aws/lambda/{FUNCTION}",
    }


def test_code_that_is_not_a_zip_file_is_refused(names: Names, tags: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"archive: .*function\.tar is not allowed: must be a \.zip file"):
        function(names, tags, tmp_path / "function.tar")

from pathlib import Path
from typing import Any

import pytest

from components.detector.function import DetectorFunction, DetectorFunctionArgs
from components.detector.repositories import ImageRepositories, ImageRepositoriesArgs
from components.naming import Names
from components.settings.groups import DetectorFunctionSettings, EndpointSettings
from images.inference.settings import read_settings
from tests.components.recorder import DIGEST, Graph, build

DETECTOR = "room-detection-ai-detector-dev"
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-inference-dev@{DIGEST}"
ROOT = Path(__file__).resolve().parents[3]


def detector(names: Names, tags: dict[str, str], **changes: Any) -> Graph:
    def program() -> None:
        repositories = ImageRepositoriesArgs(
            names=names, mutable_tags=False, protect=False, tags=tags, function_arn=names.function_arn(DETECTOR)
        )
        arguments: dict[str, Any] = {
            "names": names,
            "settings": DetectorFunctionSettings(),
            "thresholds": EndpointSettings(),
            "image": IMAGE,
            "repositories": ImageRepositories("images", repositories),
            "timeout_seconds": 20,
            "tracing": False,
            "log_retention_days": 7,
            "tags": tags,
        }
        DetectorFunction("detector", DetectorFunctionArgs(**arguments | changes))

    return build(program)


def test_the_detector_is_the_inference_image_with_lambdas_runtime_client(names: Names, tags: dict[str, str]) -> None:
    assert detector(names, tags).inputs("function:Function") == {
        "name": DETECTOR,
        "description": "Finds the rooms of one image",
        "role": "arn:aws:iam::123456789012:role/RoomDetectionDetectorRole-dev",
        "packageType": "Image",
        "imageUri": IMAGE,
        "imageConfig": {
            "entryPoints": ["python", "-m", "awslambdaric"],
            "commands": ["images.inference.lambda_entry.handle"],
        },
        "architectures": ["x86_64"],
        "memorySize": 3008,
        "timeout": 20,
        "environment": {
            "variables": {
                "MODEL_PATH": "models/best.onnx",
                "CONFIDENCE_THRESHOLD": "0.25",
                "IOU_THRESHOLD": "0.45",
                "VIEWS": "1",
            }
        },
        "tracingConfig": {"mode": "PassThrough"},
        "tags": tags,
    }


def test_its_settings_reach_the_detector(names: Names, tags: dict[str, str]) -> None:
    graph = detector(
        names,
        tags,
        settings=DetectorFunctionSettings(memory_mb=1769, reserved_concurrency=40),
        thresholds=EndpointSettings(confidence_threshold=0.3, iou_threshold=0.5, views=4),
        timeout_seconds=15,
    )
    inputs = graph.inputs("function:Function")
    assert (inputs["memorySize"], inputs["reservedConcurrentExecutions"], inputs["timeout"]) == (1769, 40, 15)
    settings = read_settings(inputs["environment"]["variables"])
    assert (settings.confidence_threshold, settings.iou_threshold, settings.views) == (0.3, 0.5, 4)


def test_the_image_has_the_weights_where_the_detector_looks_for_them(names: Names, tags: dict[str, str]) -> None:
    lines = (ROOT / "images" / "inference" / "Dockerfile").read_text().splitlines()
    copied = [line.split() for line in lines if line.startswith("COPY") and "models/" in line]
    variables = detector(names, tags).inputs("function:Function")["environment"]["variables"]
    in_the_image = {Path(target) / Path(source).name for _, *sources, target in copied for source in sources}
    weights = Path(variables["MODEL_PATH"])
    for path in (weights, weights.with_suffix(".int8.xml"), weights.with_suffix(".int8.bin")):
        assert path in in_the_image
        assert (ROOT / path).is_file()


def test_only_lambda_can_assume_the_detectors_role(names: Names, tags: dict[str, str]) -> None:
    assert detector(names, tags).document("role:Role", key="assumeRolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }


@pytest.mark.parametrize("tracing", [False, True])
def test_the_detectors_role_can_write_its_log_and_with_tracing_its_traces(
    names: Names, tags: dict[str, str], tracing: bool
) -> None:
    graph = detector(names, tags, tracing=tracing)
    x_ray = {
        "Sid": "Traces",
        "Effect": "Allow",
        "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        "Resource": "*",
    }
    assert graph.document("rolePolicy:RolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"arn:aws:logs:us-east-2:123456789012:log-group:/aws/lambda/{DETECTOR}:*",
            },
            *([x_ray] if tracing else []),
        ],
    }
    assert graph.inputs("function:Function")["tracingConfig"] == {"mode": "Active" if tracing else "PassThrough"}


def test_the_detector_waits_for_its_rights_its_log_group_and_lambdas_right_to_its_image(
    names: Names, tags: dict[str, str]
) -> None:
    graph = detector(names, tags)
    log_group = graph.one("logGroup:LogGroup")
    assert log_group.inputs == {"name": f"/aws/lambda/{DETECTOR}", "retentionInDays": 7, "tags": tags}
    awaited = [log_group, graph.one("rolePolicy:RolePolicy"), graph.one("repositoryPolicy:RepositoryPolicy")]
    assert {resource.urn for resource in awaited} <= set(graph.one("function:Function").dependencies)

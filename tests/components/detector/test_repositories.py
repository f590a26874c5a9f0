import json

import pytest

from components.detector.repositories import ImageRepositories, ImageRepositoriesArgs
from components.naming import Names
from tests.components.recorder import Graph, build

ECR = "arn:aws:ecr:us-east-2:123456789012:repository"


def repositories(names: Names, tags: dict[str, str], mutable_tags: bool = False, protect: bool = False) -> Graph:
    args = ImageRepositoriesArgs(names=names, mutable_tags=mutable_tags, protect=protect, tags=tags)
    return build(lambda: ImageRepositories("images", args))


@pytest.mark.parametrize(
    ("image", "repository"),
    [("inference", "room-detection-yolov8-inference-dev"), ("training", "room-detection-yolov8-dev")],
)
def test_images_are_scanned_encrypted_and_cannot_be_overwritten(
    names: Names, tags: dict[str, str], image: str, repository: str
) -> None:
    assert repositories(names, tags).inputs("repository:Repository", f"{image}-repository") == {
        "name": repository,
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "forceDelete": True,
        "tags": tags,
    }


def test_lambda_may_pull_the_inference_image_only_for_the_detectors_function(
    names: Names, tags: dict[str, str]
) -> None:
    arn = "arn:aws:lambda:us-east-2:123456789012:function:room-detection-ai-detector-dev"
    args = ImageRepositoriesArgs(names=names, mutable_tags=False, protect=False, tags=tags, function_arn=arn)
    graph = build(lambda: ImageRepositories("images", args))
    (policy,) = graph.all("repositoryPolicy:RepositoryPolicy")
    assert policy.inputs["repository"] == "room-detection-yolov8-inference-dev"
    assert json.loads(policy.inputs["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LambdaPullsImage",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {"ArnLike": {"aws:SourceArn": [arn, f"{arn}:*"]}},
            }
        ],
    }
    assert not repositories(names, tags).all("repositoryPolicy:RepositoryPolicy")


def test_images_referenced_by_tag_can_be_pushed_again(names: Names, tags: dict[str, str]) -> None:
    graph = repositories(names, tags, mutable_tags=True)
    assert {r.inputs["imageTagMutability"] for r in graph.all("repository:Repository")} == {"MUTABLE"}


@pytest.mark.parametrize("image", ["inference", "training"])
def test_old_images_expire(names: Names, tags: dict[str, str], image: str) -> None:
    rules = repositories(names, tags).document("LifecyclePolicy", f"{image}-lifecycle")["rules"]
    assert [(rule["rulePriority"], rule["selection"], rule["action"]) for rule in rules] == [
        (
            1,
            {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
            {"type": "expire"},
        ),
        (2, {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}, {"type": "expire"}),
    ]


def test_protected_repositories_keep_their_images(names: Names, tags: dict[str, str]) -> None:
    for repository in repositories(names, tags, protect=True).all("repository:Repository"):
        assert repository.protect
        assert repository.retain_on_delete
        assert repository.inputs["forceDelete"] is False


def test_the_repositories_outputs_are_their_urls_and_arns(names: Names, tags: dict[str, str]) -> None:
    registry = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
    outputs = repositories(names, tags).outputs("ml:ImageRepositories")
    assert json.loads(json.dumps(outputs)) == {
        "inferenceUrl": f"{registry}/room-detection-yolov8-inference-dev",
        "inferenceArn": f"{ECR}/room-detection-yolov8-inference-dev",
        "trainingUrl": f"{registry}/room-detection-yolov8-dev",
        "trainingArn": f"{ECR}/room-detection-yolov8-dev",
    }

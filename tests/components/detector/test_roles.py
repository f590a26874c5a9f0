import pytest

from components.detector.roles import SageMakerRoles, SageMakerRolesArgs
from components.naming import Names
from tests.components.recorder import build

BUCKET_ARN = "arn:aws:s3:::room-detection-ai-blueprints-dev-123456789012"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
ECR = "arn:aws:ecr:us-east-2:123456789012:repository"
LOGS = "arn:aws:logs:us-east-2:123456789012:log-group"
IMAGE_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
INSTANCE_METRICS = {
    "Sid": "InstanceMetrics",
    "Effect": "Allow",
    "Action": ["cloudwatch:PutMetricData"],
    "Resource": "*",
    "Condition": {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
}
LOG_ACTIONS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


def make_roles(names: Names, tags: dict[str, str]) -> SageMakerRoles:
    args = SageMakerRolesArgs(
        names=names,
        bucket_arn=BUCKET_ARN,
        inference_repository_arn=f"{ECR}/room-detection-yolov8-inference-dev",
        training_repository_arn=f"{ECR}/room-detection-yolov8-dev",
        tags=tags,
    )
    return SageMakerRoles("roles", args)


@pytest.mark.parametrize("role", ["inference", "training"])
def test_only_sagemaker_can_assume_the_roles_and_only_for_this_account(
    names: Names, tags: dict[str, str], role: str
) -> None:
    graph = build(lambda: make_roles(names, tags))
    assert graph.inputs("role:Role", f"{role}-role")["name"] == f"RoomDetectionSageMaker{role.title()}Role-dev"
    assert graph.document("role:Role", f"{role}-role", key="assumeRolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ],
    }


def test_the_inference_role_reads_models_plans_its_image_and_the_rollback_alarms_and_writes_answers(
    names: Names, tags: dict[str, str]
) -> None:
    graph = build(lambda: make_roles(names, tags))
    assert graph.document("rolePolicy:RolePolicy", "inference-policy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ModelData",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": f"{BUCKET_ARN}/models/*",
            },
            {
                "Sid": "BulkPlans",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": f"{BUCKET_ARN}/batch/input/*",
            },
            {
                "Sid": "BulkAnswers",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": f"{BUCKET_ARN}/batch/output/*",
            },
            {
                "Sid": "Listing",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": BUCKET_ARN,
                "Condition": {"StringLike": {"s3:prefix": ["models/*", "batch/input/*"]}},
            },
            {
                "Sid": "RegistryLogin",
                "Effect": "Allow",
                "Action": ["ecr:GetAuthorizationToken"],
                "Resource": "*",
            },
            {
                "Sid": "Image",
                "Effect": "Allow",
                "Action": IMAGE_ACTIONS,
                "Resource": f"{ECR}/room-detection-yolov8-inference-dev",
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": LOG_ACTIONS,
                "Resource": [
                    f"{LOGS}:/aws/sagemaker/Endpoints/{ENDPOINT}:*",
                    f"{LOGS}:/aws/sagemaker/TransformJobs:*",
                ],
            },
            INSTANCE_METRICS,
            {
                "Sid": "RollbackAlarms",
                "Effect": "Allow",
                "Action": ["cloudwatch:DescribeAlarms"],
                "Resource": "arn:aws:cloudwatch:us-east-2:123456789012:alarm:*",
            },
        ],
    }


def test_the_training_role_reads_its_channels_and_cannot_replace_what_is_served(
    names: Names, tags: dict[str, str]
) -> None:
    graph = build(lambda: make_roles(names, tags))
    assert graph.document("rolePolicy:RolePolicy", "training-policy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Channels",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [f"{BUCKET_ARN}/training/*", f"{BUCKET_ARN}/validation/*"],
            },
            {
                "Sid": "Checkpoints",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": f"{BUCKET_ARN}/models/checkpoints/*",
            },
            {
                "Sid": "Output",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": f"{BUCKET_ARN}/models/jobs/*",
            },
            {
                "Sid": "Listing",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": BUCKET_ARN,
                "Condition": {"StringLike": {"s3:prefix": ["training/*", "validation/*", "models/checkpoints/*"]}},
            },
            {
                "Sid": "RegistryLogin",
                "Effect": "Allow",
                "Action": ["ecr:GetAuthorizationToken"],
                "Resource": "*",
            },
            {
                "Sid": "Image",
                "Effect": "Allow",
                "Action": IMAGE_ACTIONS,
                "Resource": f"{ECR}/room-detection-yolov8-dev",
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": LOG_ACTIONS,
                "Resource": f"{LOGS}:/aws/sagemaker/TrainingJobs:*",
            },
            INSTANCE_METRICS,
        ],
    }

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.detector.roles import SageMakerRoles, SageMakerRolesArgs
from components.naming import Names
from components.retraining.component import Retraining, RetrainingArgs
from components.settings.groups import EndpointSettings, RetrainingSettings, ServerlessSettings, TrainingSettings
from components.training import training_request
from local.account.inputs import pascal_keys, plain
from program.run import run_program
from program.stage_file import read_stage
from tests.components.recorder import ACCOUNT_ID, DIGEST, REGION, STAGES, Graph, RecorderMocks, build, deployed

pytestmark = pytest.mark.whole

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
ECR = "arn:aws:ecr:us-east-2:123456789012:repository"
LOGS = "arn:aws:logs:us-east-2:123456789012:log-group"
SAGEMAKER = "arn:aws:sagemaker:us-east-2:123456789012"
TOPIC = "arn:aws:sns:us-east-2:123456789012:room-detection-alarms-dev"
ROLE = "arn:aws:iam::123456789012:role"
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/an-image@{DIGEST}"
MACHINE = "arn:aws:states:us-east-2:123456789012:stateMachine:room-detection-retraining-dev"


def retraining(names: Names, tags: dict[str, str], settings: RetrainingSettings | None = None, **changes: Any) -> Graph:
    def program() -> None:
        roles = SageMakerRolesArgs(
            names=names,
            bucket_arn=BUCKET_ARN,
            inference_repository_arn=f"{ECR}/room-detection-yolov8-inference-dev",
            training_repository_arn=f"{ECR}/room-detection-yolov8-dev",
            tags=tags,
        )
        request = training_request(
            TrainingSettings(), image=IMAGE, bucket_name=BUCKET, role_arn=f"{ROLE}/training", tags=tags
        )
        arguments: dict[str, Any] = {
            "names": names,
            "settings": settings or RetrainingSettings(),
            "endpoint": EndpointSettings(),
            "serverless": ServerlessSettings(),
            "training": TrainingSettings(),
            "training_image": IMAGE,
            "inference_image": IMAGE,
            "training_request": request,
            "training_repository_arn": f"{ECR}/room-detection-yolov8-dev",
            "bucket_name": BUCKET,
            "bucket_arn": BUCKET_ARN,
            "roles": SageMakerRoles("roles", roles),
            "rollback_alarm_names": ["room-detection-EndpointRollbackErrors-dev"],
            "topic_arn": TOPIC,
            "log_retention_days": 7,
            "tags": tags,
        }
        Retraining("retraining", RetrainingArgs(**arguments | changes))

    return build(program)


def states(graph: Graph) -> Mapping[str, Any]:
    return graph.document("stateMachine:StateMachine", key="definition")["States"]


def test_the_state_machine_is_known_by_the_stage_and_waits_for_its_rights(names: Names, tags: dict[str, str]) -> None:
    graph = retraining(names, tags)
    inputs = graph.inputs("stateMachine:StateMachine")
    assert inputs.pop("definition")
    assert inputs == {
        "name": "room-detection-retraining-dev",
        "type": "STANDARD",
        "roleArn": f"{ROLE}/RoomDetectionRetrainingRole-dev",
        "loggingConfiguration": {"level": "OFF"},
        "tracingConfiguration": {"enabled": False},
        "tags": tags,
    }
    assert graph.outputs("ml:Retraining") == {"stateMachineArn": MACHINE}
    rights = {policy.urn for policy in graph.all("rolePolicy:RolePolicy")}
    assert rights <= set(graph.one("stateMachine:StateMachine").dependencies)


@pytest.mark.parametrize("missing", ["training_image", "inference_image"])
def test_without_both_images_there_is_nothing(names: Names, tags: dict[str, str], missing: str) -> None:
    graph = retraining(names, tags, **{missing: None})
    (component,) = graph.all("ml:Retraining")
    assert [resource.name for resource in graph.resources if resource.parent == component.urn] == []
    assert not graph.outputs("ml:Retraining")


def test_with_a_function_as_detector_there_is_no_endpoint_to_serve_a_new_model(
    names: Names, tags: dict[str, str]
) -> None:
    graph = retraining(replace(names, inference="lambda"), tags)
    assert not graph.all("stateMachine:StateMachine")
    assert not graph.outputs("ml:Retraining")


def test_the_rights_are_for_the_serverless_endpoint_if_the_stage_has_one(names: Names, tags: dict[str, str]) -> None:
    graph = retraining(replace(names, inference="serverless"), tags)
    (policy,) = [p for p in graph.all("rolePolicy:RolePolicy") if p.name == "retraining-policy"]
    (update,) = [s for s in json.loads(policy.inputs["policy"])["Statement"] if s["Sid"] == "Update"]
    assert update["Resource"][0] == f"{SAGEMAKER}:endpoint/room-detection-yolov8-serverless-dev"


@pytest.mark.parametrize(
    ("role", "service"), [("retraining-role", "states.amazonaws.com"), ("evaluation-role", "sagemaker.amazonaws.com")]
)
def test_only_its_service_can_assume_a_role_and_only_for_this_account(
    names: Names, tags: dict[str, str], role: str, service: str
) -> None:
    assert retraining(names, tags).document("role:Role", role, key="assumeRolePolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ],
    }


def allow(sid: str, actions: list[str], resource: str | list[str], **condition: Any) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


RETRAINING_STATEMENTS = [
    allow(
        "Training",
        [
            "sagemaker:AddTags",
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopTrainingJob",
        ],
        f"{SAGEMAKER}:training-job/room-detection-dev-retrained-*",
    ),
    allow(
        "Evaluation",
        [
            "sagemaker:AddTags",
            "sagemaker:CreateProcessingJob",
            "sagemaker:DescribeProcessingJob",
            "sagemaker:StopProcessingJob",
        ],
        f"{SAGEMAKER}:processing-job/room-detection-dev-retrained-*",
    ),
    allow(
        "Roles",
        ["iam:PassRole"],
        [
            f"{ROLE}/RoomDetectionSageMakerTrainingRole-dev",
            f"{ROLE}/RoomDetectionSageMakerEvaluationRole-dev",
            f"{ROLE}/RoomDetectionSageMakerInferenceRole-dev",
        ],
        StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"},
    ),
    allow(
        "Served",
        ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
        [
            f"{SAGEMAKER}:endpoint-config/room-detection-dev-retrained-*",
            f"{SAGEMAKER}:endpoint-config/room-detection-yolov8-dev-*",
            f"{SAGEMAKER}:model/room-detection-dev-retrained-*",
            f"{SAGEMAKER}:model/room-detection-yolov8-dev-*",
        ],
    ),
    allow("Comparison", ["s3:GetObject"], f"{BUCKET_ARN}/models/evaluations/*"),
    allow("Candidate", ["s3:GetObject"], f"{BUCKET_ARN}/models/jobs/*"),
    allow("Publishing", ["s3:PutObject"], f"{BUCKET_ARN}/models/retrained-*"),
    allow(
        "PackageGroup",
        ["sagemaker:AddTags", "sagemaker:CreateModelPackageGroup"],
        f"{SAGEMAKER}:model-package-group/room-detection-dev",
    ),
    allow(
        "Package",
        ["sagemaker:CreateModelPackage"],
        [f"{SAGEMAKER}:model-package-group/room-detection-dev", f"{SAGEMAKER}:model-package/room-detection-dev/*"],
    ),
    allow("Model", ["sagemaker:AddTags", "sagemaker:CreateModel"], f"{SAGEMAKER}:model/room-detection-dev-retrained-*"),
    allow(
        "EndpointConfig",
        ["sagemaker:AddTags", "sagemaker:CreateEndpointConfig"],
        f"{SAGEMAKER}:endpoint-config/room-detection-dev-retrained-*",
    ),
    allow("Endpoint", ["sagemaker:DescribeEndpoint"], f"{SAGEMAKER}:endpoint/room-detection-yolov8-endpoint-dev"),
    allow(
        "Update",
        ["sagemaker:UpdateEndpoint"],
        [
            f"{SAGEMAKER}:endpoint/room-detection-yolov8-endpoint-dev",
            f"{SAGEMAKER}:endpoint-config/room-detection-dev-retrained-*",
        ],
    ),
    allow("RollbackAlarms", ["cloudwatch:DescribeAlarms"], "arn:aws:cloudwatch:us-east-2:123456789012:alarm:*"),
    allow("Notification", ["sns:Publish"], TOPIC),
]


def test_the_retraining_has_rights_for_what_it_creates_and_the_endpoint(names: Names, tags: dict[str, str]) -> None:
    policy = retraining(names, tags).document("rolePolicy:RolePolicy", "retraining-policy")
    assert policy == {"Version": "2012-10-17", "Statement": RETRAINING_STATEMENTS}


def test_its_rights_are_what_the_states_call_and_no_more(names: Names, tags: dict[str, str]) -> None:
    graph = retraining(names, tags)
    needed = {"cloudwatch:DescribeAlarms", "iam:PassRole"}  # of whoever updates an endpoint, and passes roles
    for state in states(graph).values():
        if state["Type"] == "Task":
            service, operation = state["Resource"].split(":")[-2:]
            action = f"{service}:{operation[0].upper()}{operation[1:]}"
            needed |= {"s3:GetObject", "s3:PutObject"} if action == "s3:CopyObject" else {action}
            needed |= {"sagemaker:AddTags"} if "Tags" in state["Parameters"] else set()
    statements = graph.document("rolePolicy:RolePolicy", "retraining-policy")["Statement"]
    assert {action for statement in statements for action in statement["Action"]} == needed


def test_the_roles_that_it_passes_are_those_that_it_may_pass(names: Names, tags: dict[str, str]) -> None:
    graph = deployed("prod")
    definition = json.dumps(states(graph))
    (passing,) = [
        statement
        for statement in graph.document("rolePolicy:RolePolicy", "retraining-policy")["Statement"]
        if statement["Sid"] == "Roles"
    ]
    assert all(f'RoleArn": "{role}"' in definition for role in passing["Resource"])
    assert definition.count('RoleArn"') == len(passing["Resource"])


def test_the_comparison_reads_models_and_validation_plans_and_cannot_publish(
    names: Names, tags: dict[str, str]
) -> None:
    image = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    assert retraining(names, tags).document("rolePolicy:RolePolicy", "evaluation-policy") == {
        "Version": "2012-10-17",
        "Statement": [
            allow("Inputs", ["s3:GetObject"], [f"{BUCKET_ARN}/validation/*", f"{BUCKET_ARN}/models/*"]),
            allow("Report", ["s3:PutObject"], f"{BUCKET_ARN}/models/evaluations/*"),
            allow("Listing", ["s3:ListBucket"], BUCKET_ARN, StringLike={"s3:prefix": ["validation/*", "models/*"]}),
            allow("RegistryLogin", ["ecr:GetAuthorizationToken"], "*"),
            allow("Image", image, f"{ECR}/room-detection-yolov8-dev"),
            allow("Logs", logs, f"{LOGS}:/aws/sagemaker/ProcessingJobs:*"),
            allow(
                "InstanceMetrics",
                ["cloudwatch:PutMetricData"],
                "*",
                StringLike={"cloudwatch:namespace": "/aws/sagemaker/*"},
            ),
        ],
    }


def test_the_execution_log_belongs_to_the_stage_if_a_setting_turns_it_on(names: Names, tags: dict[str, str]) -> None:
    assert not retraining(names, tags).all("logGroup:LogGroup")
    graph = retraining(names, tags, RetrainingSettings(execution_log_level="ERROR"))
    log_group = "/aws/vendedlogs/states/room-detection-retraining-dev"
    assert graph.inputs("logGroup:LogGroup") == {"name": log_group, "retentionInDays": 7, "tags": tags}
    assert graph.inputs("stateMachine:StateMachine")["loggingConfiguration"] == {
        "level": "ERROR",
        "includeExecutionData": True,
        "logDestination": f"{LOGS}:{log_group}:*",
    }
    *others, delivery = graph.document("rolePolicy:RolePolicy", "retraining-policy")["Statement"]
    assert others == RETRAINING_STATEMENTS
    # AWS has no resource for a log delivery.
    assert delivery == allow(
        "LogDelivery",
        [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
        ],
        "*",
    )


def test_executions_are_traced_if_a_setting_says_so(names: Names, tags: dict[str, str]) -> None:
    graph = retraining(names, tags, RetrainingSettings(tracing=True))
    assert graph.inputs("stateMachine:StateMachine")["tracingConfiguration"] == {"enabled": True}
    *others, traces = graph.document("rolePolicy:RolePolicy", "retraining-policy")["Statement"]
    assert others == RETRAINING_STATEMENTS
    # X-Ray has no resource for what it receives, nor for its sampling.
    sampling = ["xray:GetSamplingRules", "xray:GetSamplingTargets"]
    assert traces == allow("Traces", [*sampling, "xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")


@pytest.mark.parametrize("stage", STAGES)
def test_the_endpoint_moves_to_a_retrained_model_exactly_as_in_a_deployment(stage: str) -> None:
    graph = deployed(stage)
    found = states(graph)
    endpoint = plain(graph.inputs("endpoint:Endpoint"))
    update = found["UpdateEndpoint"]["Parameters"]
    assert update["EndpointName"] == endpoint["name"]
    assert update["DeploymentConfig"] == pascal_keys(endpoint["deploymentConfig"])

    config = plain(graph.inputs("endpointConfiguration:EndpointConfiguration"))
    (deployed_variant,) = pascal_keys(config["productionVariants"])
    created = found["CreateEndpointConfig"]["Parameters"]
    (variant,) = created["ProductionVariants"]
    assert variant.pop("ModelName.$") == "$.run.name"
    deployed_variant.pop("ModelName")
    (deployed_variant["RoutingConfig"],) = deployed_variant.pop("RoutingConfigs")
    assert variant == deployed_variant
    assert {tag["Key"]: tag["Value"] for tag in created["Tags"]} == config["tags"]

    model = plain(graph.inputs("model:Model"))
    created = found["CreateModel"]["Parameters"]
    container = created["PrimaryContainer"]
    assert container.pop("ModelDataUrl.$")
    assert (container["Image"], container["Environment"]) == (
        model["primaryContainer"]["image"],
        model["primaryContainer"]["environment"],
    )
    assert created["ExecutionRoleArn"] == model["executionRoleArn"]
    assert created["EnableNetworkIsolation"] == model["enableNetworkIsolation"]


def test_a_recorded_version_is_what_a_deployment_serves() -> None:
    settings = {"inferenceImageDigest": DIGEST, "endpoint": {"modelVersion": "retrained-20260728-101500"}}
    graph = Graph(run_program(read_stage("dev", settings), RecorderMocks()))
    url = f"s3://{BUCKET}/models/retrained-20260728-101500/model.tar.gz"
    assert graph.inputs("model:Model")["primaryContainer"]["modelDataUrl"] == url
    assert graph.exports["modelDataUrl"] == url
    assert graph.all("bucketObjectv2:BucketObjectv2"), "the model of the repository stays, to go back to"


def test_the_topic_and_the_alarm_are_the_stages() -> None:
    graph = deployed("prod")
    topics = {s["Parameters"]["TopicArn"] for s in states(graph).values() if "TopicArn" in s.get("Parameters", {})}
    assert topics == {f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:room-detection-alarms-prod"}
    assert graph.alarm("RetrainingFailed")["dimensions"] == {
        "StateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:room-detection-retraining-prod"
    }

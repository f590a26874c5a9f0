"""What GitHub's roles may do: as much as their stage needs, and nothing to another one."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, get_args

import pytest

from components.naming import Inference, Names
from operations import deploy_policies
from tests.components.recorder import ACCOUNT_ID, REGION, Graph, deployed
from tests.operations.policies import allowed, denied, permitted

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/k"
STATE = f"room-detection-state-{ACCOUNT_ID}"
STAGES = deploy_policies.DEPLOYED_STAGES

Document = dict[str, Any]


def named(stage: str, region: str = REGION) -> Names:
    return Names(stage=stage, account_id=ACCOUNT_ID, region=region)


def deploy(stage: str) -> Document:
    return deploy_policies.deploy(named(stage), STATE, KEY)


def preview() -> Document:
    return deploy_policies.preview([named(stage) for stage in deploy_policies.PREVIEWED_STAGES], STATE, [KEY])


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.whole
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("inference", get_args(Inference))
def test_the_boundary_takes_nothing_from_the_roles_of_a_stage(stage: str, inference: Inference):
    graph = deployed(stage, inference=inference)
    boundary = deploy_policies.boundary(named(stage))
    policies = graph.all("rolePolicy:RolePolicy")
    assert len(policies) >= 4
    for policy in policies:
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    assert allowed(boundary, action, resource), f"{policy.name}: {action} on {resource}"


@pytest.mark.whole
@pytest.mark.parametrize("stage", STAGES)
def test_every_role_of_a_deployed_stage_has_the_boundary(stage: str):
    roles = deployed(stage).all("role:Role")
    boundary = f"arn:aws:iam::{ACCOUNT_ID}:policy/room-detection-boundary-{stage}"
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {boundary}


@pytest.mark.whole
def test_the_embedded_aws_needs_no_bootstrap():
    assert not [role for role in deployed("local").all("role:Role") if "permissionsBoundary" in role.inputs]


@pytest.mark.parametrize("stage", STAGES)
def test_a_role_is_created_with_the_boundary_or_not_at_all(stage: str):
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/RoomDetectionLambdaRole-{stage}"
    boundary = f"arn:aws:iam::{ACCOUNT_ID}:policy/room-detection-boundary-{stage}"
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
        (statement,) = allowed(deploy(stage), action, role)
        assert statement["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    for action in ("iam:DeleteRolePermissionsBoundary", "iam:AttachRolePolicy"):
        assert allowed(deploy(stage), action, role) == []
    for action in ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"):
        assert allowed(deploy(stage), action, boundary) == []


@pytest.mark.parametrize("document", [deploy("prod"), deploy_policies.boundary(named("prod"))])
def test_roles_are_passed_only_to_the_services_of_the_program(document: Document):
    (statement,) = allowed(document, "iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/RoomDetectionLambdaRole-prod")
    services = set(statement["Condition"]["StringEquals"]["iam:PassedToService"])
    assert services <= {f"{name}.amazonaws.com" for name in ("apigateway", "lambda", "sagemaker", "states")}
    assert allowed(document, "iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/Administrator") == []


def others(stage: str) -> Iterator[str]:
    """What another stage has: by names, by the state, by the tag."""
    for other in (named(name) for name in STAGES if name != stage):
        yield from (
            other.bucket_arn(other.bucket),
            f"{other.bucket_arn(other.bucket)}/models/x",
            other.table_arn(other.table),
            other.function_arn(other.function),
            other.endpoint_arn(other.endpoint),
            other.sagemaker_arn("model", f"{other.served}-1a2b3c4"),
            other.state_machine_arn(other.retraining),
            other.topic_arn(other.topic),
            other.alarm_arn(other.alarm("HighLatency")),
            other.role_arn(other.function_role),
            f"{other.log_group_arn(other.function_log_group)}:*",
            f"arn:aws:s3:::{STATE}/.pulumi/stacks/room-detection/{other.stage}.json",
            f"arn:aws:s3:::{STATE}/.pulumi/locks/organization/room-detection/{other.stage}/x.json",
        )


# Seeing that something is there, which AWS has no narrower right for.
READS = ("cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "s3:ListBucket")


@pytest.mark.parametrize("stage", STAGES)
def test_a_deployment_cannot_touch_another_stage(stage: str):
    for resource in others(stage):
        for statement in deploy(stage)["Statement"]:
            if set(statement["Action"]) <= set(READS) or statement["Resource"] == ["*"]:
                continue
            touched = [pattern for pattern in statement["Resource"] if fnmatchcase(resource, pattern)]
            assert touched == [], f"{statement['Sid']}: {resource}"


def conditioned(graph: Graph) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What a deployment of this graph asks for under a condition: the action, the resource, and what conditions see.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    for role in graph.all("role:Role"):
        arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role.inputs['name']}"
        for action in ("iam:CreateRole", "iam:PutRolePolicy"):
            yield action, arn, {"iam:PermissionsBoundary": role.inputs["permissionsBoundary"]}
        for statement in json.loads(role.inputs["assumeRolePolicy"])["Statement"]:
            for service in listed(statement["Principal"]["Service"]):
                yield "iam:PassRole", arn, {"iam:PassedToService": service}
    for target in graph.all("target:Target"):
        arn = f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT_ID}:scalable-target/0ab1"
        seen = {"application-autoscaling:service-namespace": target.inputs["serviceNamespace"]}
        yield "application-autoscaling:RegisterScalableTarget", arn, seen
        yield "application-autoscaling:PutScalingPolicy", arn, seen
        yield "application-autoscaling:TagResource", arn, {}
    for group in graph.all("logGroup:LogGroup"):
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group.inputs['name']}"
        yield "logs:DeleteLogGroup", arn, tags("aws:ResourceTag", group.inputs)


def conditioned_by_the_tag_of_an_api(graph: Graph) -> Iterator[tuple[str, str, dict[str, str]]]:
    """As `conditioned`, of the APIs, whose names are AWS's."""
    api = f"arn:aws:apigateway:{REGION}::"
    for kind, path in (
        ("restApi:RestApi", "restapis"),
        ("apiKey:ApiKey", "apikeys"),
        ("usagePlan:UsagePlan", "usageplans"),
    ):
        for made in graph.all(kind):
            yield "apigateway:POST", f"{api}/{path}", tags("aws:RequestTag", made.inputs)
            yield "apigateway:PUT", f"{api}/tags/{path}", tags("aws:RequestTag", made.inputs)
            for action in ("GET", "PATCH", "DELETE"):
                yield f"apigateway:{action}", f"{api}/{path}/a1b2c3", tags("aws:ResourceTag", made.inputs)
    (rest_api,) = graph.all("restApi:RestApi")
    for part in ("stages", "deployments", "stages/prod"):
        yield "apigateway:POST", f"{api}/restapis/a1b2c3/{part}", tags("aws:ResourceTag", rest_api.inputs)


def tags(key: str, inputs: Mapping[str, Any]) -> dict[str, str]:
    return {f"{key}/{name}": value for name, value in inputs["tags"].items()}


@pytest.mark.whole
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("inference", get_args(Inference))
def test_no_condition_keeps_a_stage_from_what_its_deployment_asks_for(stage: str, inference: Inference):
    graph = deployed(stage, inference=inference)
    asked = [*conditioned(graph), *conditioned_by_the_tag_of_an_api(graph)]
    assert {action for action, _, _ in asked} >= {"iam:PassRole", "apigateway:POST", "logs:DeleteLogGroup"}
    assert [one for one in asked if not permitted(deploy(stage), *one)] == []


@pytest.mark.whole
def test_the_conditions_keep_a_stage_from_the_things_of_another():
    graph = deployed("staging")
    asked = [*conditioned(graph), *conditioned_by_the_tag_of_an_api(graph)]
    # Nothing in a request of Application Auto Scaling tells the stages apart.
    permitted_to_prod = {
        action for action, resource, seen in asked if permitted(deploy("prod"), action, resource, seen)
    }
    assert {action.partition(":")[0] for action in permitted_to_prod} == {"application-autoscaling"}


@pytest.mark.parametrize("stage", deploy_policies.PREVIEWED_STAGES)
def test_a_pull_request_lists_the_stacks_and_nothing_else_of_the_bucket(stage: str):
    bucket = f"arn:aws:s3:::{STATE}"
    stacks = {"s3:prefix": f".pulumi/stacks/room-detection/{stage}"}
    assert permitted(preview(), "s3:ListBucket", bucket, stacks)
    assert not permitted(preview(), "s3:ListBucket", bucket, {"s3:prefix": ".pulumi/history/room-detection/prod"})
    assert not permitted(preview(), "s3:ListBucket", bucket, {})


def test_the_state_bucket_denies_what_comes_without_tls_and_nothing_else():
    document = deploy_policies.state_bucket(named("dev"), STATE)
    for resource in (f"arn:aws:s3:::{STATE}", f"arn:aws:s3:::{STATE}/.pulumi/meta.yaml"):
        assert denied(document, "s3:GetObject", resource, {"aws:SecureTransport": "false"})
        assert not denied(document, "s3:GetObject", resource, {"aws:SecureTransport": "true"})


@pytest.mark.whole
@pytest.mark.parametrize("stage", STAGES)
def test_the_api_of_another_stage_has_another_tag(stage: str):
    document = deploy(stage)
    for path in ("/restapis/a1b2c3", "/restapis/a1b2c3/stages/prod", "/apikeys/k", "/usageplans/p/keys/k"):
        (statement,) = allowed(document, "apigateway:PATCH", f"arn:aws:apigateway:{REGION}::{path}")
        assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/stage": stage}}
    (created,) = allowed(document, "apigateway:POST", f"arn:aws:apigateway:{REGION}::/restapis")
    assert created["Condition"] == {"StringEquals": {"aws:RequestTag/stage": stage}}
    assert {resource.inputs["tags"]["stage"] for resource in deployed(stage).all("restApi:RestApi")} == {stage}


def test_xray_on_an_api_may_make_its_role_in_a_fresh_account():
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
    assert allowed(deploy("prod"), "iam:CreateServiceLinkedRole", role)


@pytest.mark.parametrize("stage", STAGES)
def test_only_actions_without_resource_level_permissions_have_a_star(stage: str):
    starred = {statement["Sid"] for statement in deploy(stage)["Statement"] if "*" in statement["Resource"]}
    assert starred == {"LogDelivery", "WithoutResource"}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("inference", get_args(Inference))
def test_a_deployment_may_find_and_remove_superseded_resources(stage: str, inference: Inference):
    names = Names(stage=stage, account_id=ACCOUNT_ID, region=REGION, inference=inference)
    made_by_updates = {
        "model": [f"{names.served}-model-0123abc", f"{names.retrained}20260728-101500"],
        "endpoint-config": [
            f"{names.served}-config-0123abc",
            f"{names.served}-serverless-0123abc",
            f"{names.retrained}20260728-101500",
        ],
    }
    for kind, verb in (("model", "Model"), ("endpoint-config", "EndpointConfig")):
        assert allowed(deploy(stage), f"sagemaker:List{verb}s", "*")
        for name in made_by_updates[kind]:
            assert allowed(deploy(stage), f"sagemaker:Describe{verb}", names.sagemaker_arn(kind, name))
            assert allowed(deploy(stage), f"sagemaker:Delete{verb}", names.sagemaker_arn(kind, name))
    bucket = names.bucket_arn(names.bucket)
    assert allowed(deploy(stage), "s3:ListBucket", bucket)
    assert allowed(deploy(stage), "s3:DeleteObject", f"{bucket}/models/{'0' * 64}/model.tar.gz")


def test_a_stage_reads_the_images_of_the_stage_before_it_and_writes_only_its_own():
    def repository(stage: str) -> str:
        return named(stage).repository_arn(f"room-detection-yolov8-inference-{stage}")

    assert allowed(deploy("prod"), "ecr:BatchGetImage", repository("staging"))
    assert not allowed(deploy("prod"), "ecr:PutImage", repository("staging"))
    assert not allowed(deploy("prod"), "ecr:BatchGetImage", repository("dev"))
    assert allowed(deploy("prod"), "ecr:PutImage", repository("prod"))


def test_a_pull_request_writes_nothing():
    actions = {action for statement in preview()["Statement"] for action in statement["Action"]}
    assert actions == {
        "dynamodb:DescribeTable",
        "kms:Decrypt",
        "kms:DescribeKey",
        "s3:GetObject",
        "s3:ListBucket",
        "states:ValidateStateMachineDefinition",
    }


def test_a_pull_request_cannot_read_prods_state_or_use_its_key():
    stacks = f"arn:aws:s3:::{STATE}/.pulumi/stacks/room-detection"
    assert allowed(preview(), "s3:GetObject", f"{stacks}/dev.json")
    assert allowed(preview(), "s3:GetObject", f"{stacks}/staging.json")
    for path in (f"{stacks}/prod.json", f"{stacks}/prod.json.bak", f"{STATE}/.pulumi/history/room-detection/prod/x"):
        assert not allowed(preview(), "s3:GetObject", path)
    assert not allowed(preview(), "kms:Decrypt", f"{KEY}-of-prod")


def test_everything_is_in_the_partition_of_its_region():
    for region, partition in (("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")):
        names = named("prod", region)
        key = f"arn:{partition}:kms:{region}:{ACCOUNT_ID}:key/k"
        documents = [
            deploy_policies.deploy(names, STATE, key),
            deploy_policies.boundary(names),
            deploy_policies.preview([names], STATE, [key]),
            deploy_policies.trust(names, ["subject"]),
            deploy_policies.state_bucket(names, STATE),
        ]
        assert "arn:aws:" not in json.dumps(documents)
        assert f"arn:{partition}:" in json.dumps(documents)


@pytest.mark.parametrize("stage", STAGES)
def test_the_documents_are_as_small_as_iam_wants_them(stage: str):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count."""
    names = named(stage, "us-gov-west-1")
    assert len(json.dumps(deploy_policies.deploy(names, STATE, KEY), separators=(",", ":"))) <= 10_240
    assert len(json.dumps(deploy_policies.boundary(names), separators=(",", ":"))) <= 6_144

"""What holds for every component and every stage: contracts over the whole program."""

import json
import logging
import re
from collections import Counter
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any, get_origin

import pulumi
import pytest
from pydantic import BaseModel

from components.naming import Inference, Names
from components.settings.stage import StageSettings
from program.run import run_program
from program.stage_file import read_stage
from tests.components.recorder import (
    ACCOUNT_ID,
    DIGEST,
    REGION,
    STAGES,
    Graph,
    RecorderMocks,
    deployed,
)

pytestmark = pytest.mark.whole

# Why "*" may stand as a resource: AWS has no resource for these actions.
ACTIONS_WITHOUT_A_RESOURCE = {
    "cloudwatch:PutMetricData": "CloudWatch has no resource for a metric; a condition names the namespaces",
    "ecr:GetAuthorizationToken": "a token is the registry's, not a repository's",
    "xray:PutTelemetryRecords": "X-Ray has no resource for what it receives",
    "xray:PutTraceSegments": "X-Ray has no resource for what it receives",
}
# Types of the program that AWS gives no tags.
UNTAGGED = {
    "aws:apigateway/account:Account",
    "aws:apigateway/deployment:Deployment",
    "aws:apigateway/methodSettings:MethodSettings",
    "aws:apigateway/usagePlanKey:UsagePlanKey",
    "aws:appautoscaling/policy:Policy",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:lambda/permission:Permission",
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sns/topicPolicy:TopicPolicy",
}
# An account has them once, and SageMaker chooses their names.
SHARED_LOG_GROUPS = ("/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs")
STATEFUL = {"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table", "aws:ecr/repository:Repository"}
# A kept bucket without them would be public, unencrypted, without its old versions, or for ever full.
KEEPS_A_BUCKET_SAFE = {
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
}
# How many of each type the list comes to in prod, once its images are there.
PROD = {
    "aws:apigateway/apiKey:ApiKey": 1,
    "aws:apigateway/deployment:Deployment": 1,
    "aws:apigateway/methodSettings:MethodSettings": 1,
    "aws:apigateway/restApi:RestApi": 1,
    "aws:apigateway/stage:Stage": 1,
    "aws:apigateway/usagePlan:UsagePlan": 1,
    "aws:apigateway/usagePlanKey:UsagePlanKey": 1,
    "aws:appautoscaling/policy:Policy": 4,
    "aws:appautoscaling/target:Target": 3,
    "aws:cloudwatch/dashboard:Dashboard": 1,
    "aws:cloudwatch/logGroup:LogGroup": 4,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 18,
    "aws:dynamodb/table:Table": 1,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": 2,
    "aws:ecr/repository:Repository": 2,
    "aws:iam/role:Role": 5,
    "aws:iam/rolePolicy:RolePolicy": 5,
    "aws:lambda/function:Function": 1,
    "aws:lambda/permission:Permission": 1,
    "aws:s3/bucket:Bucket": 1,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": 1,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
    "aws:s3/bucketObjectv2:BucketObjectv2": 1,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 1,
    "aws:s3/bucketPolicy:BucketPolicy": 1,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 1,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 1,
    "aws:s3/bucketVersioning:BucketVersioning": 1,
    "aws:sagemaker/endpoint:Endpoint": 1,
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": 1,
    "aws:sagemaker/model:Model": 1,
    "aws:sfn/stateMachine:StateMachine": 1,
    "aws:sns/topic:Topic": 1,
    "aws:sns/topicPolicy:TopicPolicy": 1,
    "room-detection:api:BlueprintApi": 1,
    "room-detection:compute:BlueprintFunction": 1,
    "room-detection:ml:BulkProcessing": 1,
    "room-detection:ml:DetectorEndpoint": 1,
    "room-detection:ml:ImageRepositories": 1,
    "room-detection:ml:Retraining": 1,
    "room-detection:ml:SageMakerRoles": 1,
    "room-detection:ml:TrainingJob": 1,
    "room-detection:monitoring:AlarmTopic": 1,
    "room-detection:monitoring:Monitoring": 1,
    "room-detection:storage:BlueprintBucket": 1,
    "room-detection:storage:StatusTable": 1,
}

# Every stage as it is, and what a stage with another inference has beside that or instead.
CASES: list[tuple[str, Inference]] = [
    *((stage, "endpoint") for stage in STAGES),
    ("prod", "serverless"),
    ("prod", "lambda"),
    ("local", "lambda"),
]
every_stage = pytest.mark.parametrize(("stage", "inference"), CASES)
both_passes = pytest.mark.parametrize("with_images", [False, True], ids=["first pass", "second pass"])


def policies(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """The statements of every policy of the graph, by the resource's name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in graph.resources:
        for key in ("policy", "assumeRolePolicy"):
            document = json.loads(resource.inputs[key]) if key in resource.inputs else {}
            if "Statement" in document:
                found[f"{resource.name}.{key}"] = document["Statement"]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_prod_has_every_resource_that_it_should_have() -> None:
    assert Counter(resource.type for resource in deployed("prod").resources) == PROD


@every_stage
def test_component_types_are_named_by_tier_and_class(stage: str, inference: Inference) -> None:
    components = [resource for resource in deployed(stage, inference=inference).resources if not resource.custom]
    assert components
    for component in components:
        assert re.fullmatch(r"room-detection:(api|compute|ml|monitoring|storage):[A-Z]\w+", component.type)


@every_stage
@both_passes
def test_every_component_registers_its_outputs(stage: str, inference: Inference, with_images: bool) -> None:
    for resource in deployed(stage, inference=inference, with_images=with_images).resources:
        if not resource.custom:
            assert resource.outputs is not None, resource.name


@every_stage
def test_every_resource_belongs_to_a_component_and_is_named_after_it(stage: str, inference: Inference) -> None:
    graph = deployed(stage, inference=inference)
    components = {resource.urn: resource.name for resource in graph.resources if not resource.custom}
    for resource in graph.resources:
        if resource.custom:
            assert resource.parent in components, resource.name
            assert resource.name.startswith(components[resource.parent] + "-"), resource.name


@every_stage
def test_names_are_unique(stage: str, inference: Inference) -> None:
    counts = Counter(resource.name for resource in deployed(stage, inference=inference).resources)
    assert [name for name, count in counts.items() if count > 1] == []


@every_stage
@both_passes
def test_nothing_depends_on_itself_directly_or_indirectly(stage: str, inference: Inference, with_images: bool) -> None:
    resources = deployed(stage, inference=inference, with_images=with_images).resources
    order = TopologicalSorter({r.urn: {*r.dependencies, *([r.parent] if r.parent else [])} for r in resources})
    assert len(list(order.static_order())) >= len(resources)


@every_stage
def test_everything_that_can_be_tagged_has_the_tags_of_project_and_stage(stage: str, inference: Inference) -> None:
    expected = {"project": "room-detection", "stage": stage, "managed-by": "pulumi"}
    for resource in deployed(stage, inference=inference).resources:
        if resource.custom and resource.type not in UNTAGGED:
            assert resource.inputs.get("tags") == expected, resource.name
    # The list of types without tags has no type that the program does not use.
    used = {r.type for other, kind in CASES for r in deployed(other, inference=kind).resources}
    assert used >= UNTAGGED


def test_tags_from_the_settings_are_on_everything() -> None:
    stage = read_stage("dev", {"tags": {"cost-center": "42"}, "inferenceImageDigest": DIGEST})
    graph = Graph(run_program(stage, RecorderMocks()))
    for resource in graph.resources:
        if resource.custom and resource.type not in UNTAGGED:
            assert resource.inputs["tags"]["cost-center"] == "42", resource.name


@every_stage
def test_every_name_in_the_account_contains_the_stage(stage: str, inference: Inference) -> None:
    name_keys = ("name", "bucket", "dashboardName")
    for resource in deployed(stage, inference=inference).resources:
        if resource.type == "aws:iam/rolePolicy:RolePolicy":
            continue  # its name is only unique within its role
        for key in name_keys:
            name = resource.inputs.get(key)
            if isinstance(name, str) and not name.startswith((*SHARED_LOG_GROUPS, "API-Gateway-")):
                assert stage in name, f"{resource.name}: {name}"


def test_two_stages_of_an_account_have_no_name_in_common() -> None:
    def names(stage: str) -> set[tuple[str, str]]:
        named = [r for r in deployed(stage).resources if r.type != "aws:iam/rolePolicy:RolePolicy"]
        found = {(r.type, str(r.inputs["name"])) for r in named if "name" in r.inputs}
        # The API's identifier is AWS's, the recorder gives every API the same.
        return {(token, name) for token, name in found if not name.startswith("API-Gateway-Execution-Logs_")}

    assert names("dev") & names("prod") == set()
    assert names("staging") & names("prod") == set()


@every_stage
@both_passes
def test_no_policy_has_a_star_for_a_resource_without_a_reason(
    stage: str, inference: Inference, with_images: bool
) -> None:
    for name, statements in policies(deployed(stage, inference=inference, with_images=with_images)).items():
        for statement in statements:
            if "*" in as_list(statement.get("Resource", [])):
                assert set(as_list(statement["Action"])) <= ACTIONS_WITHOUT_A_RESOURCE.keys(), name


@every_stage
def test_no_policy_allows_a_star_for_an_action_or_a_principal(stage: str, inference: Inference) -> None:
    for name, statements in policies(deployed(stage, inference=inference)).items():
        for statement in statements:
            if statement["Effect"] == "Allow":
                assert not [action for action in as_list(statement["Action"]) if "*" in action], name
                assert statement.get("Principal") != "*", name
            assert not statement.keys() & {"NotAction", "NotResource", "NotPrincipal"}, name


@every_stage
def test_policies_are_inline_and_every_role_has_exactly_one(stage: str, inference: Inference) -> None:
    graph = deployed(stage, inference=inference)
    roles = sorted(role.inputs["name"] for role in graph.all("role:Role"))
    assert sorted(policy.inputs["role"] for policy in graph.all("rolePolicy:RolePolicy")) == roles
    for role in graph.all("role:Role"):
        assert not role.inputs.keys() & {"managedPolicyArns", "inlinePolicies"}
    assert not [r for r in graph.resources if "PolicyAttachment" in r.type]


@every_stage
def test_every_alarm_says_what_it_measures_and_whom_it_tells(stage: str, inference: Inference) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:room-detection-alarms-{stage}"
    alarms = deployed(stage, inference=inference).all("metricAlarm:MetricAlarm")
    assert len(alarms) == {"endpoint": 18, "serverless": 15, "lambda": 14}[inference]
    for alarm in alarms:
        inputs = alarm.inputs
        queries = [query["metric"] for query in inputs.get("metricQueries", []) if "metric" in query]
        for metric in queries or [inputs]:
            assert metric["namespace"].startswith(("AWS/", "/aws/")), alarm.name
            assert metric["metricName"], alarm.name
            assert metric["dimensions"], alarm.name
            assert metric["unit"] in {"Count", "Percent", "Milliseconds", "Microseconds", "None"}, alarm.name
            assert metric.get("stat") or metric.get("statistic") or metric.get("extendedStatistic"), alarm.name
            assert metric["period"] % 60 == 0, alarm.name
        assert topic in inputs["alarmActions"], alarm.name
        assert topic in inputs["okActions"], alarm.name
        # No data means no calls, except for the instances themselves, which report every minute.
        silence = "breaching" if alarm.name.endswith("EndpointCpu") else "notBreaching"
        assert inputs["treatMissingData"] == silence, alarm.name


@every_stage
def test_an_alarm_watches_what_the_stage_has(stage: str, inference: Inference) -> None:
    names = Names(stage=stage, account_id=ACCOUNT_ID, region=REGION, inference=inference)
    functions = {resource.inputs["name"] for resource in deployed(stage, inference=inference).all("function:Function")}
    known = {
        "FunctionName": functions,
        "EndpointName": {names.endpoint},
        "VariantName": {"AllTraffic"},
        "TableName": {names.table},
        "Operation": {"GetItem", "PutItem", "UpdateItem"},
        "ApiName": {names.api},
        "Stage": {"prod"},
        "StateMachineArn": {f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:room-detection-retraining-{stage}"},
    }
    for alarm in deployed(stage, inference=inference).all("metricAlarm:MetricAlarm"):
        queries = [query["metric"] for query in alarm.inputs.get("metricQueries", []) if "metric" in query]
        for metric in queries or [alarm.inputs]:
            for dimension, value in metric["dimensions"].items():
                assert value in known[dimension], alarm.name


def lists(model: type[BaseModel], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The settings that are lists, each by its keys."""
    found: set[tuple[str, ...]] = set()
    for name, field in model.model_fields.items():
        key = (*path, field.alias or name)
        if get_origin(field.annotation) in {tuple, list}:
            found.add(key)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= lists(field.annotation, key)
    return found


# Three entries for each setting that is a list.
LISTS: Mapping[tuple[str, ...], list[Any]] = {
    ("monitoring", "subscriptions"): [{"protocol": "email", "endpoint": f"{who}@example.com"} for who in "abc"],
}


def test_nothing_in_a_list_is_named_by_its_position() -> None:
    assert lists(StageSettings) == LISTS.keys(), "give a new list three entries here"
    for (group, setting), (a, b, c) in LISTS.items():
        whole, changed = (
            Graph(run_program(read_stage("dev", {group: {setting: entries}}), RecorderMocks())).resources
            for entries in ([a, b, c], [c, a])
        )
        before, kept = (
            {r.urn: json.dumps(r.inputs, sort_keys=True, default=lambda asset: asset.path) for r in run if r.custom}
            for run in (whole, changed)
        )
        assert len(before) == len(kept) + 1, setting
        assert kept.items() <= before.items(), f"{setting}: what stays is called and made as before"


def test_missing_data_of_the_instances_is_a_fault_only_once_there_are_any() -> None:
    graph = deployed("prod")
    alarm = graph.one("metricAlarm:MetricAlarm", "-EndpointCpu")
    assert graph.one("endpoint:Endpoint").urn in alarm.dependencies


def test_the_latency_alarm_scales_the_deployed_fleet() -> None:
    graph = deployed("prod")
    policy = graph.one("policy:Policy", "latency-step")
    assert graph.alarm("HighLatency")["alarmActions"][1] == f"arn:scaling-policy/{policy.inputs['name']}"


@pytest.mark.parametrize(("stage", "kept"), [("dev", False), ("local", False), ("staging", True), ("prod", True)])
def test_resources_with_data_are_kept_in_staging_and_prod_and_deleted_with_the_stack_elsewhere(
    stage: str, kept: bool
) -> None:
    for resource in deployed(stage).resources:
        assert resource.protect is (kept and resource.type in STATEFUL | KEEPS_A_BUCKET_SAFE), resource.name
    for token in STATEFUL | KEEPS_A_BUCKET_SAFE:
        for resource in deployed(stage).all(token):
            assert resource.retain_on_delete is kept, resource.name
    graph = deployed(stage)
    assert graph.inputs("bucket:Bucket")["forceDestroy"] is not kept
    assert graph.inputs("table:Table")["deletionProtectionEnabled"] is kept
    assert {r.inputs["forceDelete"] for r in graph.all("repository:Repository")} == {not kept}


@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_first_pass_deploys_everything_except_the_model_the_endpoint_and_the_retraining(stage: str) -> None:
    graph = deployed(stage, with_images=False)
    missing = {r.urn for r in deployed(stage).resources} - {r.urn for r in graph.resources}
    kinds = {urn.split("::")[2].split("$")[-1] for urn in missing}
    assert kinds == {
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/target:Target",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:sagemaker/endpoint:Endpoint",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "aws:sagemaker/model:Model",
        "aws:sfn/stateMachine:StateMachine",
    }
    assert not [r for r in graph.resources if r.type.startswith("aws:sagemaker/")]
    assert "endpointName" not in graph.exports


def test_the_first_pass_says_so_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test-first-pass")
    with caplog.at_level(logging.INFO, logger=logger.name):
        run_program(read_stage("dev"), RecorderMocks(), logger=logger)
    assert [record.message for record in caplog.records if record.levelno >= logging.INFO] == [
        "inferenceImageDigest is not set: deploying everything but the model and the endpoint"
    ]


def test_the_second_pass_changes_only_what_refers_to_the_endpoint() -> None:
    def inputs(graph: Graph) -> dict[str, Any]:
        files = (pulumi.FileAsset, pulumi.FileArchive)
        return {
            r.urn: {key: value.path if isinstance(value, files) else value for key, value in r.inputs.items()}
            for r in graph.resources
        }

    first, second = inputs(deployed("prod", with_images=False)), inputs(deployed("prod"))
    changed = [urn.split("::")[-1] for urn in first if first[urn] != second[urn]]
    assert changed == ["monitoring-dashboard"]


def test_images_are_referenced_by_digest_except_in_local() -> None:
    registry = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com"
    for stage in ("dev", "staging", "prod"):
        image = deployed(stage).inputs("model:Model")["primaryContainer"]["image"]
        assert image == f"{registry}/room-detection-yolov8-inference-{stage}@{DIGEST}"
        training = deployed(stage).exports["trainingJob"]["AlgorithmSpecification"]["TrainingImage"]
        assert training == f"{registry}/room-detection-yolov8-{stage}@{DIGEST}"
    local = deployed("local").inputs("model:Model")["primaryContainer"]["image"]
    assert local == f"{registry}/room-detection-yolov8-inference-local:local"


def test_a_serverless_stage_has_all_of_prod_except_what_belongs_to_instances() -> None:
    prod, serverless = (
        Counter(resource.type for resource in deployed("prod", inference=kind).resources)
        for kind in ("endpoint", "serverless")
    )
    assert prod - serverless == {
        "aws:appautoscaling/policy:Policy": 2,
        "aws:appautoscaling/target:Target": 1,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 3,
    }
    assert not serverless - prod


def test_a_lambda_stage_has_a_function_and_a_model_and_no_endpoint() -> None:
    prod, in_lambda = (
        Counter(resource.type for resource in deployed("prod", inference=kind).resources)
        for kind in ("endpoint", "lambda")
    )
    assert in_lambda - prod == {
        "aws:ecr/repositoryPolicy:RepositoryPolicy": 1,
        "aws:lambda/function:Function": 1,
        "room-detection:compute:DetectorFunction": 1,
    }
    assert in_lambda["aws:sagemaker/model:Model"] == 1, "for batch transforms"
    missing = {"endpoint:Endpoint", "endpointConfiguration:EndpointConfiguration", "stateMachine:StateMachine"}
    assert not [token for token in in_lambda if token.rpartition("/")[2] in missing]


def test_a_lambda_stages_exports_name_the_detector_instead_of_the_endpoint() -> None:
    prod, in_lambda = deployed("prod").exports, deployed("prod", inference="lambda").exports
    assert in_lambda.keys() - prod.keys() == {"detectorFunctionName"}
    assert prod.keys() - in_lambda.keys() == {"endpointName", "endpointConfigName", "retrainingStateMachineArn"}
    assert in_lambda["detectorFunctionName"] == "room-detection-ai-detector-prod"


@pytest.mark.parametrize(
    ("inference", "variable", "token"),
    [
        ("endpoint", "SAGEMAKER_ENDPOINT", "endpoint:Endpoint"),
        ("serverless", "SAGEMAKER_ENDPOINT", "endpoint:Endpoint"),
        ("lambda", "DETECTOR_FUNCTION", "function:Function"),
    ],
)
def test_the_function_knows_its_detector_and_changes_to_another_only_once_that_exists(
    inference: Inference, variable: str, token: str
) -> None:
    graph = deployed("prod", inference=inference)
    (detector,) = [resource for resource in graph.all(token) if resource.name != "handler-function"]
    function = graph.one("function:Function", "handler-function")
    assert function.inputs["environment"]["variables"][variable] == detector.inputs["name"]
    assert detector.urn in function.dependencies


@pytest.mark.parametrize("inference", ["endpoint", "serverless", "lambda"])
def test_before_there_is_an_image_the_function_knows_its_detectors_name(inference: Inference) -> None:
    def variables(with_images: bool) -> Mapping[str, str]:
        graph = deployed("prod", with_images=with_images, inference=inference)
        return graph.inputs("function:Function", "handler-function")["environment"]["variables"]

    assert variables(with_images=False) == variables(with_images=True)


def test_the_function_the_endpoint_and_the_api_are_wired_together() -> None:
    graph = deployed("prod")
    function = graph.inputs("function:Function")
    variables = function["environment"]["variables"]
    assert variables["S3_BUCKET"] == graph.inputs("bucket:Bucket")["bucket"]
    assert variables["DYNAMODB_TABLE"] == graph.inputs("table:Table")["name"]
    assert variables["SAGEMAKER_ENDPOINT"] == graph.inputs("endpoint:Endpoint")["name"]
    body = json.loads(graph.inputs("restApi:RestApi")["body"])
    for path in ("/upload", "/process", "/status"):
        (operation,) = [operation for method, operation in body["paths"][path].items() if method != "options"]
        assert f":function:{function['name']}/invocations" in operation["x-amazon-apigateway-integration"]["uri"]
    assert graph.inputs("permission:Permission")["function"] == function["name"]
    data = graph.inputs("bucketObjectv2:BucketObjectv2")
    assert graph.inputs("model:Model")["primaryContainer"]["modelDataUrl"] == f"s3://{data['bucket']}/{data['key']}"


@every_stage
def test_the_bucket_and_the_api_allow_the_same_origin(stage: str, inference: Inference) -> None:
    graph = deployed(stage, inference=inference)
    (rule,) = graph.inputs("BucketCorsConfiguration")["corsRules"]
    assert rule["allowedOrigins"] == ["*"]
    function = graph.inputs("function:Function", "handler-function")
    assert function["environment"]["variables"]["ALLOWED_ORIGIN"] == "*"


def test_one_setting_is_the_origin_of_everything() -> None:
    origin = "https://rooms.example.com"
    graph = Graph(run_program(read_stage("dev", {"allowedOrigin": origin}), RecorderMocks()))
    (rule,) = graph.inputs("BucketCorsConfiguration")["corsRules"]
    assert rule["allowedOrigins"] == [origin]
    assert graph.inputs("function:Function")["environment"]["variables"]["ALLOWED_ORIGIN"] == origin
    body = graph.inputs("restApi:RestApi")["body"]
    assert f"'{origin}'" in body
    assert "'*'" not in body


@pytest.mark.parametrize(("stage", "owned"), [("local", True), ("dev", False), ("staging", False), ("prod", False)])
def test_what_exists_once_per_account_is_only_in_local(stage: str, owned: bool) -> None:
    graph = deployed(stage)
    assert bool(graph.all("account:Account")) is owned
    groups = {group.inputs["name"]: group for group in graph.all("logGroup:LogGroup")}
    assert groups.keys() & set(SHARED_LOG_GROUPS) == (set(SHARED_LOG_GROUPS) if owned else set())
    for shared in (*graph.all("account:Account"), *(groups[name] for name in SHARED_LOG_GROUPS if owned)):
        assert shared.retain_on_delete, f"{shared.name}: other stages use it still when this one goes"


@pytest.mark.parametrize(("stage", "days"), [("local", 7), ("dev", 7), ("staging", 30), ("prod", 90)])
def test_every_log_group_has_the_stages_retention(stage: str, days: int) -> None:
    groups = deployed(stage).all("logGroup:LogGroup")
    assert {group.inputs["retentionInDays"] for group in groups} == {days}


def test_the_exports_are_what_clients_operators_and_scripts_need() -> None:
    exports = dict(deployed("prod").exports)
    job = exports.pop("trainingJob")
    assert job["RoleArn"] == f"arn:aws:iam::{ACCOUNT_ID}:role/RoomDetectionSageMakerTrainingRole-prod"
    bulk = exports.pop("bulk")
    assert bulk["request"]["ModelName"] == "room-detection-yolov8-prod-model-1a2b3c4"
    model_data_url = exports.pop("modelDataUrl")
    bucket = f"room-detection-ai-blueprints-prod-{ACCOUNT_ID}"
    assert re.fullmatch(rf"s3://{bucket}/models/[0-9a-f]{{64}}/model\.tar\.gz", model_data_url)
    registry = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com"
    assert exports == {
        "apiUrl": f"https://api123.execute-api.{REGION}.amazonaws.com/prod",
        "apiKeyIds": {"web": "key123"},
        "bucketName": bucket,
        "tableName": "room-detection-status-prod",
        "functionName": "room-detection-ai-handler-prod",
        "functionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:room-detection-ai-handler-prod",
        "endpointName": "room-detection-yolov8-endpoint-prod",
        "endpointConfigName": "room-detection-yolov8-prod-config-1a2b3c4",
        "inferenceImageDigest": DIGEST,
        "trainingImageDigest": DIGEST,
        "inferenceRepositoryUrl": f"{registry}/room-detection-yolov8-inference-prod",
        "trainingRepositoryUrl": f"{registry}/room-detection-yolov8-prod",
        "retrainingStateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT_ID}:stateMachine:"
        "room-detection-retraining-prod",
        "alarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:room-detection-alarms-prod",
        "dashboardUrl": f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}"
        "#dashboards/dashboard/room-detection-prod",
    }

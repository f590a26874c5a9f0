from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.detector.endpoint import DetectorEndpoint, DetectorEndpointArgs
from components.detector.roles import SageMakerRoles, SageMakerRolesArgs
from components.naming import Names
from components.packaging import ModelArchive
from components.settings.groups import EndpointSettings, ServerlessSettings
from tests.components.recorder import DIGEST, Graph, build

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
ENDPOINT = "room-detection-yolov8-endpoint-dev"
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-inference-dev@{DIGEST}"
MODEL_DATA_URL = f"s3://{BUCKET}/models/{'a' * 64}/model.tar.gz"
# For each setting another value, with what that one needs beside it.
OTHER_SETTINGS: dict[str, dict[str, Any]] = {
    "model_version": {"model_version": "retrained-20260728-101500"},
    "instance_type": {"instance_type": "ml.c5.2xlarge"},
    "min_instances": {"min_instances": 2, "initial_instances": 2},
    "max_instances": {"max_instances": 5},
    "initial_instances": {"initial_instances": 2},
    "target_invocations_per_minute": {"target_invocations_per_minute": 900},
    "scale_in_cooldown_seconds": {"scale_in_cooldown_seconds": 600},
    "scale_out_cooldown_seconds": {"scale_out_cooldown_seconds": 120},
    "latency_scale_out_instances": {"latency_scale_out_instances": 2},
    "confidence_threshold": {"confidence_threshold": 0.3},
    "iou_threshold": {"iou_threshold": 0.5},
    "views": {"views": 2},
    "startup_timeout_seconds": {"startup_timeout_seconds": 600},
    "bake_seconds": {"bake_seconds": 600},
    "termination_wait_seconds": {"termination_wait_seconds": 0},
    "update_timeout_seconds": {"update_timeout_seconds": 1800},
}
TOPIC = "arn:aws:sns:us-east-2:123456789012:room-detection-alarms-dev"


def make_roles(names: Names, tags: dict[str, str]) -> SageMakerRoles:
    args = SageMakerRolesArgs(
        names=names,
        bucket_arn=names.bucket_arn(BUCKET),
        inference_repository_arn=names.repository_arn(names.inference_repository),
        training_repository_arn=names.repository_arn(names.training_repository),
        tags=tags,
    )
    return SageMakerRoles("roles", args)


def endpoint(names: Names, tags: dict[str, str], settings: EndpointSettings | None = None, **changes: Any) -> Graph:
    def program() -> None:
        arguments: dict[str, Any] = {
            "names": names,
            "settings": settings or EndpointSettings(),
            "serverless": ServerlessSettings(),
            "image": IMAGE,
            "model": ModelArchive(path=Path("build/model.tar.gz"), sha256="a" * 64),
            "bucket_name": BUCKET,
            "roles": make_roles(names, tags),
            "topic_arn": TOPIC,
            "latency_p95_ms": 500,
            "server_errors": 3,
            "log_retention_days": 7,
            "tags": tags,
        }
        DetectorEndpoint("room-detection-yolov8-dev", DetectorEndpointArgs(**arguments | changes))

    return build(program)


def test_the_model_data_is_known_by_the_hash_of_its_weights(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags)
    inputs = graph.inputs("bucketObjectv2:BucketObjectv2")
    assert inputs.pop("source").path == "build/model.tar.gz"
    assert inputs == {
        "bucket": BUCKET,
        "key": f"models/{'a' * 64}/model.tar.gz",
        "contentType": "application/gzip",
        "tags": tags,
    }
    assert graph.outputs("ml:DetectorEndpoint")["modelDataUrl"] == MODEL_DATA_URL


def test_the_model_is_the_image_with_its_archive_and_thresholds(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags, EndpointSettings(confidence_threshold=0.3, iou_threshold=0.5, views=2))
    assert graph.inputs("model:Model") == {
        "executionRoleArn": "arn:aws:iam::123456789012:role/RoomDetectionSageMakerInferenceRole-dev",
        "primaryContainer": {
            "image": IMAGE,
            "modelDataUrl": MODEL_DATA_URL,
            "environment": {
                "MODEL_PATH": "/opt/ml/model/best.onnx",
                "CONFIDENCE_THRESHOLD": "0.3",
                "IOU_THRESHOLD": "0.5",
                "VIEWS": "2",
            },
        },
        "enableNetworkIsolation": True,
        "tags": tags,
    }
    policy = graph.one("rolePolicy:RolePolicy", "inference-policy")
    assert policy.urn in graph.one("model:Model").dependencies, "SageMaker reads image and archive with the policy"


def test_the_endpoint_is_the_documents(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags)
    assert graph.inputs("endpointConfiguration:EndpointConfiguration") == {
        "productionVariants": [
            {
                "variantName": "AllTraffic",
                "modelName": "room-detection-yolov8-dev-model-1a2b3c4",
                "instanceType": "ml.c5.xlarge",
                "initialInstanceCount": 1,
                "initialVariantWeight": 1,
                "containerStartupHealthCheckTimeoutInSeconds": 300,
                "routingConfigs": [{"routingStrategy": "LEAST_OUTSTANDING_REQUESTS"}],
            }
        ],
        "tags": tags,
    }
    inputs = graph.inputs("endpoint:Endpoint")
    assert inputs["name"] == ENDPOINT
    assert inputs["endpointConfigName"] == "room-detection-yolov8-dev-config-1a2b3c4"
    assert graph.outputs("ml:DetectorEndpoint")["endpointName"] == ENDPOINT
    assert graph.outputs("ml:DetectorEndpoint")["endpointConfigName"] == inputs["endpointConfigName"]


def test_model_and_configuration_can_be_replaced_because_their_names_are_generated(
    names: Names, tags: dict[str, str]
) -> None:
    graph = endpoint(names, tags)
    for token in ("model:Model", "endpointConfiguration:EndpointConfiguration"):
        assert not graph.inputs(token).keys() & {"name", "namePrefix"}
        assert "dev" in graph.one(token).name, "the generated name begins with the resource's own"


def test_a_new_fleet_starts_with_as_many_instances_as_the_old_one_has(names: Names, tags: dict[str, str]) -> None:
    config = endpoint(names, tags, live_instances=3).one("endpointConfiguration:EndpointConfiguration")
    assert config.inputs["productionVariants"][0]["initialInstanceCount"] == 3
    assert config.ignore_changes == ()


@pytest.mark.parametrize(
    ("least", "routing"),
    [
        (1, {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 300}),
        (
            2,
            {
                "type": "CANARY",
                "canarySize": {"type": "INSTANCE_COUNT", "value": 1},
                "waitIntervalInSeconds": 300,
            },
        ),
    ],
)
def test_one_instance_takes_its_share_first_where_there_are_always_more(
    names: Names, tags: dict[str, str], least: int, routing: dict[str, Any]
) -> None:
    settings = EndpointSettings(min_instances=least, initial_instances=least)
    policy = endpoint(names, tags, settings).inputs("endpoint:Endpoint")["deploymentConfig"]["blueGreenUpdatePolicy"]
    assert policy["trafficRoutingConfiguration"] == routing


def test_an_update_does_not_reset_the_number_of_instances(names: Names, tags: dict[str, str]) -> None:
    config = endpoint(names, tags).one("endpointConfiguration:EndpointConfiguration")
    assert config.ignore_changes == ("productionVariants[0].initialInstanceCount",)


def test_an_update_moves_to_a_new_fleet_and_rolls_back_on_an_alarm(names: Names, tags: dict[str, str]) -> None:
    settings = EndpointSettings(bake_seconds=240, termination_wait_seconds=60, update_timeout_seconds=1800)
    graph = endpoint(names, tags, settings)
    assert graph.inputs("endpoint:Endpoint")["deploymentConfig"] == {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {"type": "ALL_AT_ONCE", "waitIntervalInSeconds": 240},
            "terminationWaitInSeconds": 60,
            "maximumExecutionTimeoutInSeconds": 1800,
        },
        "autoRollbackConfiguration": {
            "alarms": [
                {"alarmName": "room-detection-EndpointRollbackErrors-dev"},
                {"alarmName": "room-detection-EndpointRollbackLatency-dev"},
            ]
        },
    }
    dependencies = graph.one("endpoint:Endpoint").dependencies
    assert {alarm.urn for alarm in graph.all("metricAlarm:MetricAlarm")} <= set(dependencies)


@pytest.mark.parametrize(
    "changed",
    [
        *({"settings": EndpointSettings.model_validate(values)} for values in OTHER_SETTINGS.values()),
        {"latency_p95_ms": 900},
        {"server_errors": 30},
        {"log_retention_days": 30},
    ],
    ids=[*OTHER_SETTINGS, "latency_p95_ms", "server_errors", "log_retention_days"],
)
def test_no_setting_replaces_the_endpoint(changed: dict[str, Any], names: Names, tags: dict[str, str]) -> None:
    """The provider replaces an endpoint with another name, or that gains or loses its rollback alarms."""
    before = endpoint(names, tags).inputs("endpoint:Endpoint")
    after = endpoint(names, tags, **changed).inputs("endpoint:Endpoint")
    assert after["name"] == before["name"]
    rollback = "autoRollbackConfiguration"
    assert after["deploymentConfig"][rollback] == before["deploymentConfig"][rollback]


def test_every_setting_of_the_endpoint_is_changed_in_that_test() -> None:
    assert set(OTHER_SETTINGS) == set(EndpointSettings.model_fields)


def test_the_rollback_alarms_watch_errors_and_latency_and_scale_nothing(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags, server_errors=2, latency_p95_ms=400)
    dimensions = {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
    errors, latency = graph.alarm("EndpointRollbackErrors"), graph.alarm("EndpointRollbackLatency")
    measured = ("namespace", "metricName", "dimensions", "unit", "threshold", "period", "evaluationPeriods")
    assert [errors[key] for key in measured] == ["AWS/SageMaker", "Invocation5XXErrors", dimensions, "None", 2, 60, 1]
    assert [latency[key] for key in measured] == [
        "AWS/SageMaker",
        "ModelLatency",
        dimensions,
        "Microseconds",
        400_000,
        60,
        2,
    ]
    assert (errors["statistic"], latency["extendedStatistic"]) == ("Sum", "p95")
    assert errors["alarmActions"] == latency["alarmActions"] == [TOPIC]


def test_the_fleet_follows_its_invocations(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags)
    scaled = {
        "serviceNamespace": "sagemaker",
        "resourceId": f"endpoint/{ENDPOINT}/variant/AllTraffic",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    assert graph.inputs("target:Target") == scaled | {"minCapacity": 1, "maxCapacity": 3, "tags": tags}
    assert graph.inputs("policy:Policy", "tracking") == scaled | {
        "name": "room-detection-endpoint-invocations-dev",
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            "scaleInCooldown": 300,
            "scaleOutCooldown": 60,
        },
    }


def test_the_latency_alarm_has_a_step_scaling_policy(names: Names, tags: dict[str, str]) -> None:
    policy = endpoint(names, tags).inputs("policy:Policy", "latency-step")
    assert policy["policyType"] == "StepScaling"
    assert policy["stepScalingPolicyConfiguration"] == {
        "adjustmentType": "ChangeInCapacity",
        "metricAggregationType": "Maximum",
        "cooldown": 60,
        "stepAdjustments": [{"metricIntervalLowerBound": "0", "scalingAdjustment": 1}],
    }


def test_the_endpoints_log_group_has_a_retention_before_sagemaker_writes_to_it(
    names: Names, tags: dict[str, str]
) -> None:
    graph = endpoint(names, tags)
    log_group = graph.one("logGroup:LogGroup")
    assert log_group.inputs == {"name": f"/aws/sagemaker/Endpoints/{ENDPOINT}", "retentionInDays": 7, "tags": tags}
    assert log_group.urn in graph.one("endpoint:Endpoint").dependencies


def test_without_an_image_there_is_only_the_model_data(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags, image=None)
    (component,) = graph.all("ml:DetectorEndpoint")
    assert [r.type for r in graph.resources if r.parent == component.urn] == ["aws:s3/bucketObjectv2:BucketObjectv2"]
    assert graph.outputs("ml:DetectorEndpoint") == {"modelDataUrl": MODEL_DATA_URL}


def test_a_serverless_endpoint_has_memory_and_a_limit_instead_of_instances(names: Names, tags: dict[str, str]) -> None:
    settings = ServerlessSettings(memory_mb=3072, max_concurrency=50)
    graph = endpoint(replace(names, inference="serverless"), tags, serverless=settings)
    assert graph.inputs("endpointConfiguration:EndpointConfiguration") == {
        "productionVariants": [
            {
                "variantName": "AllTraffic",
                "modelName": "room-detection-yolov8-dev-model-1a2b3c4",
                "serverlessConfig": {"memorySizeInMb": 3072, "maxConcurrency": 50},
            }
        ],
        "tags": tags,
    }
    assert not graph.all("target:Target")
    assert not graph.all("policy:Policy")


def test_a_serverless_endpoint_has_no_guardrails_and_no_alarms_for_them(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(replace(names, inference="serverless"), tags)
    assert graph.inputs("endpoint:Endpoint") == {
        "name": "room-detection-yolov8-serverless-dev",
        "endpointConfigName": "room-detection-yolov8-dev-serverless-1a2b3c4",
        "tags": tags,
    }
    assert not graph.all("metricAlarm:MetricAlarm")


def test_a_serverless_model_is_not_isolated_because_that_is_not_supported(names: Names, tags: dict[str, str]) -> None:
    assert (
        endpoint(replace(names, inference="serverless"), tags).inputs("model:Model")["enableNetworkIsolation"] is False
    )


def test_neither_kind_of_endpoint_becomes_the_other_when_a_stage_changes(names: Names, tags: dict[str, str]) -> None:
    def urns(graph: Graph) -> set[str]:
        tokens = ("endpoint:Endpoint", "endpointConfiguration:EndpointConfiguration", "logGroup:LogGroup")
        return {graph.one(token).urn for token in tokens}

    assert urns(endpoint(names, tags)) & urns(endpoint(replace(names, inference="serverless"), tags)) == set()


def test_a_generated_name_of_the_longest_stage_is_within_sagemakers_limit(names: Names, tags: dict[str, str]) -> None:
    longest = "s" * 16
    for graph in (endpoint(names, tags), endpoint(replace(names, inference="serverless"), tags)):
        for token in ("model:Model", "endpointConfiguration:EndpointConfiguration"):
            generated = graph.one(token).name.replace("-dev", f"-{longest}")
            assert len(f"{generated}-1a2b3c4") <= 63


def test_with_a_function_as_detector_there_is_a_model_and_no_endpoint(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(replace(names, inference="lambda"), tags)
    (component,) = graph.all("ml:DetectorEndpoint")
    assert [r.type for r in graph.resources if r.parent == component.urn] == [
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:sagemaker/model:Model",
    ]
    assert graph.inputs("model:Model")["enableNetworkIsolation"] is True
    assert graph.outputs("ml:DetectorEndpoint") == {
        "modelDataUrl": MODEL_DATA_URL,
        "modelName": "room-detection-yolov8-dev-model-1a2b3c4",
    }


def test_resources_that_an_update_replaces_are_kept_for_a_rollback(names: Names, tags: dict[str, str]) -> None:
    graph = endpoint(names, tags)
    for token in ("model:Model", "endpointConfiguration:EndpointConfiguration", "bucketObjectv2:BucketObjectv2"):
        assert graph.one(token).retain_on_delete, token
    assert not graph.one("endpoint:Endpoint").retain_on_delete

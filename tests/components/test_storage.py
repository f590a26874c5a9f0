from typing import Any

import pytest

from components.last_deployment import LastDeployment
from components.naming import Names
from components.settings.groups import StorageSettings, TableSettings
from components.storage import BlueprintBucket, BlueprintBucketArgs, StatusTable, StatusTableArgs
from tests.components.recorder import Graph, build

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
INFERENCE_ROLE = "arn:aws:iam::123456789012:role/RoomDetectionSageMakerInferenceRole-dev"
TRAINING_ROLE = "arn:aws:iam::123456789012:role/RoomDetectionSageMakerTrainingRole-dev"


def bucket(names: Names, tags: dict[str, str], **changes: Any) -> Graph:
    arguments: dict[str, Any] = {
        "names": names,
        "settings": StorageSettings(),
        "allowed_origin": "*",
        "inference_role_arn": INFERENCE_ROLE,
        "training_role_arn": TRAINING_ROLE,
        "protect": False,
        "tags": tags,
    }
    return build(lambda: BlueprintBucket("blueprints", BlueprintBucketArgs(**arguments | changes)))


def table(
    names: Names,
    tags: dict[str, str],
    settings: TableSettings | None = None,
    protect: bool = False,
    last: LastDeployment | None = None,
) -> Graph:
    args = StatusTableArgs(
        names=names, settings=settings or TableSettings(), protect=protect, last=last or LastDeployment(), tags=tags
    )
    return build(lambda: StatusTable("status", args))


def test_the_bucket_is_encrypted_versioned_and_not_public(names: Names, tags: dict[str, str]) -> None:
    graph = bucket(names, tags)
    assert graph.inputs("bucket:Bucket")["bucket"] == BUCKET
    assert graph.inputs("bucket:Bucket")["tags"] == tags
    assert graph.inputs("BucketServerSideEncryptionConfiguration")["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "blockedEncryptionTypes": ["SSE-C"]}
    ]
    assert graph.inputs("bucketVersioning:BucketVersioning")["versioningConfiguration"] == {"status": "Enabled"}
    assert graph.inputs("bucketPublicAccessBlock:BucketPublicAccessBlock") == {
        "bucket": BUCKET,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert graph.inputs("BucketOwnershipControls")["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_plans_expire_with_every_version_and_so_do_other_old_versions_and_abandoned_uploads(
    names: Names, tags: dict[str, str]
) -> None:
    settings = StorageSettings(
        blueprint_retention_days=30, batch_retention_days=10, old_version_retention_days=14, incomplete_upload_days=3
    )
    graph = bucket(names, tags, settings=settings)
    assert graph.inputs("BucketLifecycleConfiguration")["rules"] == [
        {
            "id": "DeleteOldBlueprints",
            "status": "Enabled",
            "filter": {"prefix": "blueprints/"},
            "expiration": {"days": 30},
            "noncurrentVersionExpiration": {"noncurrentDays": 1},
        },
        {
            "id": "DeleteOldBatches",
            "status": "Enabled",
            "filter": {"prefix": "batch/"},
            "expiration": {"days": 10},
            "noncurrentVersionExpiration": {"noncurrentDays": 1},
        },
        {
            "id": "DeleteOldVersions",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrentVersionExpiration": {"noncurrentDays": 14},
            "expiration": {"expiredObjectDeleteMarker": True},
        },
        {
            "id": "AbortIncompleteUploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 3},
        },
    ]


def test_the_rule_for_old_versions_waits_for_versioning(names: Names, tags: dict[str, str]) -> None:
    graph = bucket(names, tags)
    versioning = graph.one("bucketVersioning:BucketVersioning")
    assert versioning.urn in graph.one("BucketLifecycleConfiguration").dependencies


@pytest.mark.parametrize("origin", ["*", "https://rooms.example.com"])
def test_the_bucket_answers_browsers_of_the_one_allowed_origin(names: Names, tags: dict[str, str], origin: str) -> None:
    assert bucket(names, tags, allowed_origin=origin).inputs("BucketCorsConfiguration")["corsRules"] == [
        {
            "allowedOrigins": [origin],
            "allowedMethods": ["GET", "POST", "PUT"],
            "allowedHeaders": ["*"],
            "exposeHeaders": ["ETag"],
            "maxAgeSeconds": 3000,
        }
    ]


def test_the_buckets_policy_requires_tls_and_names_sagemakers_roles(names: Names, tags: dict[str, str]) -> None:
    assert bucket(names, tags).document("bucketPolicy:BucketPolicy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [BUCKET_ARN, f"{BUCKET_ARN}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Sid": "InferenceReadsModelsAndPlans",
                "Effect": "Allow",
                "Principal": {"AWS": INFERENCE_ROLE},
                "Action": "s3:GetObject",
                "Resource": [f"{BUCKET_ARN}/models/*", f"{BUCKET_ARN}/batch/input/*"],
            },
            {
                "Sid": "InferenceWritesAnswers",
                "Effect": "Allow",
                "Principal": {"AWS": INFERENCE_ROLE},
                "Action": "s3:PutObject",
                "Resource": f"{BUCKET_ARN}/batch/output/*",
            },
            {
                "Sid": "TrainingReadsChannels",
                "Effect": "Allow",
                "Principal": {"AWS": TRAINING_ROLE},
                "Action": "s3:GetObject",
                "Resource": [f"{BUCKET_ARN}/training/*", f"{BUCKET_ARN}/validation/*"],
            },
            {
                "Sid": "TrainingWritesOutput",
                "Effect": "Allow",
                "Principal": {"AWS": TRAINING_ROLE},
                "Action": "s3:PutObject",
                "Resource": [f"{BUCKET_ARN}/models/jobs/*", f"{BUCKET_ARN}/models/checkpoints/*"],
            },
        ],
    }


def test_the_buckets_outputs_are_its_name_and_arn(names: Names, tags: dict[str, str]) -> None:
    outputs = bucket(names, tags).outputs("storage:BlueprintBucket")
    assert outputs == {"bucketName": BUCKET, "bucketArn": BUCKET_ARN}


@pytest.mark.parametrize("protect", [True, False])
def test_a_protected_bucket_is_kept_and_another_is_deleted_with_its_content(
    names: Names, tags: dict[str, str], protect: bool
) -> None:
    resource = bucket(names, tags, protect=protect).one("bucket:Bucket")
    assert (resource.protect, resource.retain_on_delete) == (protect, protect)
    assert resource.inputs["forceDestroy"] is not protect


def test_a_bucket_that_is_kept_stays_versioned_private_encrypted_and_with_content_that_expires(
    names: Names, tags: dict[str, str]
) -> None:
    resources = [resource for resource in bucket(names, tags, protect=True).resources if resource.custom]
    assert len(resources) == 8
    assert [r.name for r in resources if not (r.protect and r.retain_on_delete)] == []


def test_the_table_is_the_documents(names: Names, tags: dict[str, str]) -> None:
    graph = table(names, tags)
    assert graph.inputs("table:Table") == {
        "name": "room-detection-status-dev",
        "hashKey": "blueprint_id",
        "attributes": [{"name": "blueprint_id", "type": "S"}],
        "billingMode": "PROVISIONED",
        "readCapacity": 5,
        "writeCapacity": 5,
        "ttl": {"attributeName": "ttl", "enabled": True},
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True},
        "deletionProtectionEnabled": False,
        "tags": tags,
    }
    assert graph.outputs("storage:StatusTable") == {
        "tableName": "room-detection-status-dev",
        "tableArn": "arn:aws:dynamodb:us-east-2:123456789012:table/room-detection-status-dev",
    }


@pytest.mark.parametrize("capacity", ["Read", "Write"])
def test_the_tables_capacity_follows_its_use(names: Names, tags: dict[str, str], capacity: str) -> None:
    graph = table(names, tags)
    assert graph.inputs("target:Target", f"{capacity.lower()}-target") == {
        "serviceNamespace": "dynamodb",
        "resourceId": "table/room-detection-status-dev",
        "scalableDimension": f"dynamodb:table:{capacity}CapacityUnits",
        "minCapacity": 5,
        "maxCapacity": 100,
        "tags": tags,
    }
    assert graph.inputs("policy:Policy", f"{capacity.lower()}-scaling") == {
        "name": f"room-detection-table-{capacity.lower()}-dev",
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "dynamodb",
        "resourceId": "table/room-detection-status-dev",
        "scalableDimension": f"dynamodb:table:{capacity}CapacityUnits",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {"predefinedMetricType": f"DynamoDB{capacity}CapacityUtilization"},
        },
    }


def before(billing_mode: str, table_name: str = "room-detection-status-dev") -> LastDeployment:
    urn = "urn:pulumi:dev::room-detection::room-detection:storage:StatusTable$aws:dynamodb/table:Table::status-table"
    return LastDeployment(resources={urn: {"name": table_name, "billingMode": billing_mode}})


@pytest.mark.parametrize("last", [LastDeployment(), before("PROVISIONED"), before("PAY_PER_REQUEST", "another")])
def test_an_update_does_not_reset_what_autoscaling_has_set(
    names: Names, tags: dict[str, str], last: LastDeployment
) -> None:
    resource = table(names, tags, last=last).one("table:Table")
    assert resource.ignore_changes == ("readCapacity", "writeCapacity")


def test_a_table_that_leaves_on_demand_gets_its_capacities_in_the_same_update(
    names: Names, tags: dict[str, str]
) -> None:
    resource = table(names, tags, last=before("PAY_PER_REQUEST")).one("table:Table")
    assert resource.ignore_changes == ()
    assert (resource.inputs["readCapacity"], resource.inputs["writeCapacity"]) == (5, 5)


def test_an_on_demand_table_has_no_capacity_and_no_autoscaling(names: Names, tags: dict[str, str]) -> None:
    graph = table(names, tags, TableSettings(on_demand=True))
    inputs = graph.inputs("table:Table")
    assert inputs["billingMode"] == "PAY_PER_REQUEST"
    assert not inputs.keys() & {"readCapacity", "writeCapacity"}
    assert graph.one("table:Table").ignore_changes == ()
    assert not graph.all("target:Target") + graph.all("policy:Policy")


def test_a_protected_table_cannot_be_deleted(names: Names, tags: dict[str, str]) -> None:
    resource = table(names, tags, protect=True).one("table:Table")
    assert resource.protect
    assert resource.retain_on_delete
    assert resource.inputs["deletionProtectionEnabled"] is True

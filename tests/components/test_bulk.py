from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.bulk import BulkProcessing, BulkProcessingArgs, transform_request
from components.naming import Names
from components.settings.groups import BatchSettings
from tests.components.recorder import Graph, build

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
MODEL = "room-detection-yolov8-dev-model-1a2b3c4"


def bulk(
    names: Names, tags: dict[str, str], settings: BatchSettings | None = None, model_name: str | None = MODEL
) -> Graph:
    args = BulkProcessingArgs(
        names=names,
        settings=settings or BatchSettings(),
        model_name=model_name,
        bucket_name=BUCKET,
        log_retention_days=7,
        tags=tags,
    )
    return build(lambda: BulkProcessing("bulk", args))


def test_a_job_reads_and_writes_its_own_folders_with_the_endpoints_model(names: Names, tags: dict[str, str]) -> None:
    plan = bulk(names, tags).outputs("ml:BulkProcessing")["plan"]
    request = plan.pop("request")
    assert plan == {
        "bucket": BUCKET,
        "inputPrefix": "batch/input/",
        "outputPrefix": "batch/output/",
        "jobNamePrefix": "room-detection-dev-bulk-",
        "plansPerJob": 10_000,
        "concurrentJobs": 1,
    }
    assert request["ModelName"] == MODEL
    assert request["Tags"] == [{"Key": "project", "Value": "room-detection"}, {"Key": "stage", "Value": "dev"}]


def test_a_plan_is_a_whole_object_of_any_image_type_and_the_container_sets_the_concurrency(
    tags: dict[str, str],
) -> None:
    request = transform_request(BatchSettings(), model_name=MODEL, tags=tags)
    assert request["BatchStrategy"] == "SingleRecord"
    assert request["MaxPayloadInMB"] == 6
    assert request["TransformInput"] == {
        "ContentType": "application/x-image",
        "CompressionType": "None",
        "SplitType": "None",
    }
    assert "MaxConcurrentTransforms" not in request


@pytest.mark.parametrize("concurrent", [None, 4])
def test_sagemaker_accepts_the_request(tags: dict[str, str], concurrent: int | None) -> None:
    settings = BatchSettings(
        instance_type="ml.c5.2xlarge", instances=3, max_concurrent_transforms=concurrent, invocation_retries=0
    )
    request: dict[str, Any] = transform_request(settings, model_name=MODEL, tags=tags)
    assert request["TransformResources"] == {"InstanceType": "ml.c5.2xlarge", "InstanceCount": 3}
    assert request.get("MaxConcurrentTransforms") == concurrent
    assert request["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 60, "InvocationsMaxRetries": 0}
    request["TransformInput"]["DataSource"] = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://b/k"}}
    request["TransformOutput"]["S3OutputPath"] = "s3://b/o/"
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("CreateTransformJobRequest")
    report = ParamValidator().validate({"TransformJobName": "a-job", **request}, shape)
    assert not report.has_errors(), report.generate_report()


def test_without_a_model_there_is_nothing_to_start(names: Names, tags: dict[str, str]) -> None:
    assert bulk(names, tags, model_name=None).outputs("ml:BulkProcessing") == {}


def test_the_accounts_log_group_is_owned_only_if_a_setting_says_so(names: Names, tags: dict[str, str]) -> None:
    assert not bulk(names, tags).all("logGroup:LogGroup")
    owned = bulk(names, tags, BatchSettings(manage_log_group=True))
    assert owned.inputs("logGroup:LogGroup") == {
        "name": "/aws/sagemaker/TransformJobs",
        "retentionInDays": 7,
        "tags": tags,
    }

import re
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.naming import Names
from components.settings.groups import HyperparameterSettings, TrainingSettings
from components.training import TrainingJob, TrainingJobArgs
from images.training.contract import METRIC_LINES
from images.training.hyperparameters import Hyperparameters, as_strings, parse
from tests.components.recorder import DIGEST, Graph, build

BUCKET = "room-detection-ai-blueprints-dev-123456789012"
ROLE = "arn:aws:iam::123456789012:role/RoomDetectionSageMakerTrainingRole-dev"
IMAGE = f"123456789012.dkr.ecr.us-east-2.amazonaws.com/room-detection-yolov8-dev@{DIGEST}"


def training(
    names: Names, tags: dict[str, str], settings: TrainingSettings | None = None, image: str | None = IMAGE
) -> Graph:
    args = TrainingJobArgs(
        names=names,
        settings=settings or TrainingSettings(),
        image=image,
        bucket_name=BUCKET,
        role_arn=ROLE,
        log_retention_days=7,
        tags=tags,
    )
    return build(lambda: TrainingJob("training", args))


def request(names: Names, tags: dict[str, str], settings: TrainingSettings | None = None) -> dict[str, Any]:
    return training(names, tags, settings).outputs("ml:TrainingJob")["request"]


def test_the_request_is_the_documents_job(names: Names, tags: dict[str, str]) -> None:
    found = request(names, tags)
    assert found["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert found["RoleArn"] == ROLE
    assert found["ResourceConfig"] == {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 100}
    assert found["OutputDataConfig"] == {"S3OutputPath": f"s3://{BUCKET}/models/jobs/"}
    assert found["CheckpointConfig"] == {
        "S3Uri": f"s3://{BUCKET}/models/checkpoints/",
        "LocalPath": "/opt/ml/checkpoints",
    }
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400}
    assert found["EnableManagedSpotTraining"] is False
    assert found["Tags"] == [{"Key": "project", "Value": "room-detection"}, {"Key": "stage", "Value": "dev"}]


def test_training_and_validation_have_separate_folders(names: Names, tags: dict[str, str]) -> None:
    channels = {
        channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
        for channel in request(names, tags)["InputDataConfig"]
    }
    assert channels == {"training": f"s3://{BUCKET}/training/", "validation": f"s3://{BUCKET}/validation/"}


def test_hyperparameters_are_strings_under_the_documents_names(names: Names, tags: dict[str, str]) -> None:
    strings = request(names, tags)["HyperParameters"]
    assert set(strings) == set(Hyperparameters.model_fields)
    documents = {
        "epochs": "300",
        "batch_size": "16",
        "img_size": "640",
        "model_size": "yolov8n.pt",
        "lr0": "0.01",
        "lrf": "0.01",
        "cos_lr": "true",
        "warmup_epochs": "3",
        "optimizer": "SGD",
        "momentum": "0.937",
        "weight_decay": "0.0005",
        "box": "7.5",
        "cls": "0.5",
        "dfl": "1.5",
        "patience": "50",
        "single_cls": "true",
        "pretrained": "true",
    }
    assert {name: strings[name] for name in documents} == documents


def test_a_hyperparameter_keeps_its_precision_and_its_type() -> None:
    strings = as_strings(HyperparameterSettings(lr0=0.012345678, cos_lr=False, epochs=1))
    assert (strings["lr0"], strings["cos_lr"], strings["epochs"]) == ("0.012345678", "false", "1")


def test_the_image_reads_the_values_that_were_set() -> None:
    settings = HyperparameterSettings(epochs=7, lr0=0.0123, cos_lr=False, warmup_epochs=2, optimizer="AdamW", seed=3)
    assert parse(dict(as_strings(settings))).model_dump() == settings.model_dump()


@pytest.mark.parametrize("spot", [False, True])
def test_sagemaker_accepts_the_request(names: Names, tags: dict[str, str], spot: bool) -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("CreateTrainingJobRequest")
    found = _integers(request(names, tags, TrainingSettings(managed_spot=spot)))
    report = ParamValidator().validate({"TrainingJobName": "a-job", **found}, shape)
    assert not report.has_errors(), report.generate_report()


def _integers(value: Any) -> Any:
    """What came through Pulumi's RPC layer, where every number is a float."""
    if isinstance(value, dict):
        return {key: _integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_spot_training_waits_for_capacity_and_continues_from_its_checkpoints(
    names: Names, tags: dict[str, str]
) -> None:
    found = request(names, tags, TrainingSettings(managed_spot=True, max_runtime_seconds=3600, max_wait_seconds=7200))
    assert found["EnableManagedSpotTraining"] is True
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}


def test_no_volume_key_is_requested_because_nvme_instances_refuse_it(names: Names, tags: dict[str, str]) -> None:
    assert "VolumeKmsKeyId" not in request(names, tags)["ResourceConfig"]


@pytest.mark.parametrize("metric", METRIC_LINES)
@pytest.mark.parametrize("value", ["0.5", "12", "1.5e-05"])
def test_a_metric_is_read_from_the_jobs_log(names: Names, tags: dict[str, str], metric: str, value: str) -> None:
    definitions = request(names, tags)["AlgorithmSpecification"]["MetricDefinitions"]
    line = "epoch=3 " + " ".join(f"{name}={value if name == metric else '0.25'}" for name in METRIC_LINES)
    (regex,) = [definition["Regex"] for definition in definitions if definition["Name"] == metric]
    assert re.findall(regex, line) == [value]


def test_without_an_image_the_request_names_none_and_is_refused(names: Names, tags: dict[str, str]) -> None:
    found = training(names, tags, image=None).outputs("ml:TrainingJob")["request"]
    assert "TrainingImage" not in found["AlgorithmSpecification"]
    assert found["ResourceConfig"]["InstanceType"] == "ml.g4dn.xlarge"


def test_the_accounts_log_group_is_owned_only_if_a_setting_says_so(names: Names, tags: dict[str, str]) -> None:
    assert not training(names, tags).all("logGroup:LogGroup")
    owned = training(names, tags, TrainingSettings(manage_log_group=True))
    assert owned.inputs("logGroup:LogGroup") == {
        "name": "/aws/sagemaker/TrainingJobs",
        "retentionInDays": 7,
        "tags": tags,
    }

"""Training: the configuration of training jobs.

A job is started by an operator, not by the stack, so the component's result is the request for it. SageMaker reads
metrics from the job's log: the training image prints each as `name=value`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from components.log_groups import create_log_group
from components.naming import CHECKPOINTS_PREFIX, TRAINING_OUTPUT_PREFIX, TRAINING_PREFIX, VALIDATION_PREFIX, Names
from components.settings.groups import LogRetentionDays, TrainingSettings
from images.training.contract import DEFAULT_BASE, METRIC_LINES, TRAINING, VALIDATION, RunFolder
from images.training.hyperparameters import as_strings

_IN_THE_CONTAINER = RunFolder(base=Path(DEFAULT_BASE))
_NUMBER = r"([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"


@dataclass(frozen=True, kw_only=True)
class TrainingJobArgs:
    """What a training job needs.

    Attributes:
        image: the training image by digest (by tag in stage local); None if there is none yet.
    """

    names: Names
    settings: TrainingSettings
    image: pulumi.Input[str] | None
    bucket_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]


class TrainingJob(pulumi.ComponentResource):
    """The training job's configuration and, if a setting says so, the account's log group for all jobs."""

    request: pulumi.Output[dict[str, Any]]
    """SageMaker's CreateTrainingJob request without TrainingJobName; without an image also without
    AlgorithmSpecification.TrainingImage, so that such a job is refused."""

    def __init__(self, name: str, args: TrainingJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:TrainingJob", name, None, opts)
        if args.settings.manage_log_group:
            create_log_group(
                f"{name}-logs",
                physical_name=args.names.training_log_group,
                retention_days=args.log_retention_days,
                tags=args.tags,
                parent=self,
                shared=True,
            )
        self.request = pulumi.Output.all(image=args.image, bucket_name=args.bucket_name, role_arn=args.role_arn).apply(
            lambda known: training_request(args.settings, tags=args.tags, **known)
        )
        self.register_outputs({"request": self.request})


def training_request(
    settings: TrainingSettings, *, image: str | None, bucket_name: str, role_arn: str, tags: Mapping[str, str]
) -> dict[str, Any]:
    """SageMaker's CreateTrainingJob request without TrainingJobName.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
    """
    bucket = f"s3://{bucket_name}"
    stopping = {"MaxRuntimeInSeconds": settings.max_runtime_seconds}
    if settings.managed_spot:
        stopping["MaxWaitTimeInSeconds"] = settings.max_wait_seconds
    return {
        "AlgorithmSpecification": {
            **({"TrainingImage": image} if image is not None else {}),
            "TrainingInputMode": "File",
            "EnableSageMakerMetricsTimeSeries": True,
            "MetricDefinitions": [{"Name": name, "Regex": f"{name}={_NUMBER}"} for name in METRIC_LINES],
        },
        "RoleArn": role_arn,
        "HyperParameters": as_strings(settings.hyperparameters),
        "InputDataConfig": [
            _channel(TRAINING, f"{bucket}/{TRAINING_PREFIX}"),
            _channel(VALIDATION, f"{bucket}/{VALIDATION_PREFIX}"),
        ],
        "OutputDataConfig": {"S3OutputPath": f"{bucket}/{TRAINING_OUTPUT_PREFIX}"},
        "ResourceConfig": {
            "InstanceType": settings.instance_type,
            "InstanceCount": settings.instance_count,
            # Types with NVMe disks (ml.g4dn) ignore it. There is no VolumeKmsKeyId, which they refuse.
            "VolumeSizeInGB": settings.volume_size_gb,
        },
        "StoppingCondition": stopping,
        "CheckpointConfig": {
            "S3Uri": f"{bucket}/{CHECKPOINTS_PREFIX}",
            "LocalPath": str(_IN_THE_CONTAINER.checkpoints),
        },
        "EnableManagedSpotTraining": settings.managed_spot,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def _channel(name: str, uri: str) -> Mapping[str, object]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}

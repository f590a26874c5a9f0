"""Bulk processing: the configuration of transform jobs over an archive of plans.

Jobs are started by an operator, not by the stack: the component's result is the request that `make bulk` uses. A job
runs the endpoint's model with the model's role, and reads and writes only under `batch/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.log_groups import create_log_group
from components.naming import BATCH_INPUT_PREFIX, BATCH_OUTPUT_PREFIX, TRANSFORM_LOG_GROUP, Names
from components.settings.groups import BatchSettings, LogRetentionDays

# The server's limit; the command sends plans of at most 640 px a side, which are far smaller.
_PAYLOAD_MB = 6
# The objects of a job are images of any supported type; the server detects the type from the bytes.
_CONTENT_TYPE = "application/x-image"
_ACCEPT = "application/json"


@dataclass(frozen=True, kw_only=True)
class BulkProcessingArgs:
    """What bulk processing needs.

    Attributes:
        model_name: the SageMaker model, None if there is none yet.
    """

    names: Names
    settings: BatchSettings
    model_name: pulumi.Input[str] | None
    bucket_name: pulumi.Input[str]
    log_retention_days: LogRetentionDays
    tags: Mapping[str, str]


class BulkProcessing(pulumi.ComponentResource):
    """The configuration of the jobs and, if a setting says so, the account's log group for all transform jobs."""

    plan: pulumi.Output[dict[str, Any]] | None
    """The values that `bulk.stage.BulkStage` reads; None if there is no model yet."""

    def __init__(self, name: str, args: BulkProcessingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("room-detection:ml:BulkProcessing", name, None, opts)
        if args.settings.manage_log_group:
            create_log_group(
                f"{name}-logs",
                physical_name=TRANSFORM_LOG_GROUP,
                retention_days=args.log_retention_days,
                tags=args.tags,
                parent=self,
                shared=True,
            )
        self.plan = None
        if args.model_name is not None:
            self.plan = pulumi.Output.all(model_name=args.model_name, bucket_name=args.bucket_name).apply(
                lambda known: {
                    "bucket": known["bucket_name"],
                    "inputPrefix": BATCH_INPUT_PREFIX,
                    "outputPrefix": BATCH_OUTPUT_PREFIX,
                    "jobNamePrefix": args.names.transform_job,
                    "plansPerJob": args.settings.plans_per_job,
                    "concurrentJobs": args.settings.concurrent_jobs,
                    "request": transform_request(args.settings, model_name=known["model_name"], tags=args.tags),
                }
            )
        self.register_outputs({"plan": self.plan})


def transform_request(settings: BatchSettings, *, model_name: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """SageMaker's CreateTransformJob request without TransformJobName, input and output.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
    """
    concurrent = settings.max_concurrent_transforms
    return {
        "ModelName": model_name,
        **({"MaxConcurrentTransforms": concurrent} if concurrent is not None else {}),
        "ModelClientConfig": {
            "InvocationsTimeoutInSeconds": settings.invocation_timeout_seconds,
            "InvocationsMaxRetries": settings.invocation_retries,
        },
        "MaxPayloadInMB": _PAYLOAD_MB,
        "BatchStrategy": "SingleRecord",
        "TransformInput": {"ContentType": _CONTENT_TYPE, "CompressionType": "None", "SplitType": "None"},
        "TransformOutput": {"Accept": _ACCEPT, "AssembleWith": "None"},
        "TransformResources": {"InstanceType": settings.instance_type, "InstanceCount": settings.instances},
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }

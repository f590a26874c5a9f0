"""Publishing: copies reports and then the model to the version's folder, and adds an entry to the model registry."""

from collections.abc import Mapping
from typing import Any

from components.detector.model import MODEL_ARCHIVE, model_environment
from components.naming import EVALUATIONS_PREFIX, MODELS_PREFIX, TRAINING_OUTPUT_PREFIX
from components.retraining.asl import State, States, formatted, task, without
from components.retraining.plan import COMPARISON, PUBLISHING_FAILED, REASON, RetrainingPlan

# The training job's files from /opt/ml/output/data: metrics and curves.
_TRAINING_REPORT = "output.tar.gz"


def publishing(plan: RetrainingPlan) -> States:
    return {**_copies(plan), **_registration(plan)}


def published_model(plan: RetrainingPlan) -> Mapping[str, Any]:
    """The new model's container: the inference image with the published archive."""
    return {
        "Image": plan.inference_image,
        "ModelDataUrl.$": _published(plan, MODEL_ARCHIVE),
        "Environment": model_environment(plan.endpoint),
    }


def _published(plan: RetrainingPlan, file: str) -> str:
    """The location of a file of the run's version, as a function of the run's data."""
    return formatted(f"s3://{plan.bucket_name}/{MODELS_PREFIX}{{}}/{file}", "$.run.version")


def _copies(plan: RetrainingPlan) -> States:
    """The reports first, so that a published model always has its reports."""
    job = f"{plan.bucket_name}/{TRAINING_OUTPUT_PREFIX}{{}}/output"
    evaluation = f"{plan.bucket_name}/{EVALUATIONS_PREFIX}{{}}"

    def copy(source: str, file: str, then: str) -> State:
        parameters = {
            "Bucket": plan.bucket_name,
            "CopySource.$": formatted(f"{source}/{file}", "$.run.name"),
            "Key.$": formatted(f"{MODELS_PREFIX}{{}}/{file}", "$.run.version"),
            # With the default, S3 requires the permission to read tags, but the jobs' objects have none.
            "TaggingDirective": "REPLACE",
        }
        return task(plan.names, "s3:copyObject", parameters, then=then, failed=PUBLISHING_FAILED)

    return {
        "PublishComparison": copy(evaluation, COMPARISON, "PublishTrainingReport"),
        "PublishTrainingReport": copy(job, _TRAINING_REPORT, "PublishModel"),
        "PublishModel": copy(job, MODEL_ARCHIVE, "CreateModelGroup"),
    }


def _registration(plan: RetrainingPlan) -> States:
    create_group = task(
        plan.names,
        "sagemaker:createModelPackageGroup",
        {
            "ModelPackageGroupName": plan.names.model_package_group,
            "ModelPackageGroupDescription": "Detectors that a retraining has published",
            "Tags": plan.request_tags,
        },
        then="RegisterModel",
        failed=PUBLISHING_FAILED,
    )
    return {
        # If the group exists already, SageMaker refuses to create it; without a group, the next state fails.
        "CreateModelGroup": without(create_group, "Retry")
        | {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "RegisterModel"}]},
        "RegisterModel": task(
            plan.names,
            "sagemaker:createModelPackage",
            {
                "ModelPackageGroupName": plan.names.model_package_group,
                "ModelPackageDescription.$": formatted("{}: {}", "$.run.version", REASON),
                "ModelApprovalStatus": "Approved",
                "InferenceSpecification": {
                    "Containers": [published_model(plan)],
                    "SupportedContentTypes": ["application/json"],
                    "SupportedResponseMIMETypes": ["application/json"],
                },
                "ModelMetrics": {
                    "ModelQuality": {
                        "Statistics": {"ContentType": "application/json", "S3Uri.$": _published(plan, COMPARISON)}
                    }
                },
                # SageMaker would check the bucket and the repository, for which only the endpoint's role has
                # permissions.
                "SkipModelValidation": "All",
            },
            then="CreateModel",
            failed=PUBLISHING_FAILED,
        ),
    }

"""Evaluation: finds the served model, and compares the new one with it on the validation channel."""

from collections.abc import Mapping
from typing import Any

from components.naming import EVALUATIONS_PREFIX, VALIDATION_PREFIX
from components.retraining.asl import State, States, choice, failure, formatted, task
from components.retraining.plan import COMPARISON, EVALUATION_FAILED, NOT_BETTER, REASON, RetrainingPlan
from components.retraining.polling import AROUND_A_JOB_SECONDS, job

_PROCESSING_FOLDER = "/opt/ml/processing"
_REPORT_KEY = f"{EVALUATIONS_PREFIX}{{}}/{COMPARISON}"


def evaluation(plan: RetrainingPlan) -> States:
    return {
        **_describe_model(plan, "served", then="StartEvaluation"),
        **job(
            plan.names,
            "Evaluation",
            start=_comparison_job(plan),
            api="ProcessingJob",
            limit_seconds=plan.settings.evaluation_max_runtime_seconds + AROUND_A_JOB_SECONDS,
            # The comparison's own message, else SageMaker's.
            reasons={"EvaluationRefused": "ExitMessage", "EvaluationBroke": "FailureReason"},
            then="ReadComparison",
            failed=EVALUATION_FAILED,
        ),
        "ReadComparison": task(
            plan.names,
            "s3:getObject",
            {"Bucket": plan.bucket_name, "Key.$": formatted(_REPORT_KEY, "$.run.name")},
            selected={"read.$": "States.StringToJson($.Body)"},
            result="$.comparison",
            then="DescribeServedNowEndpoint",
            failed=EVALUATION_FAILED,
        ),
        # Another run or a deployment may have replaced the model in the meantime: the new one was not compared with
        # that.
        **_describe_model(plan, "servedNow", then="IsServedStill"),
        **_still_served(),
        **_decision(),
    }


def _describe_model(plan: RetrainingPlan, prefix: str, *, then: str) -> States:
    """Three calls that find the model that the endpoint serves: its data is `$.<prefix>Model.data`."""

    def describe(kind: str, name: Mapping[str, str], selected: Mapping[str, str], then: str) -> State:
        return task(
            plan.names,
            f"sagemaker:describe{kind}",
            name,
            selected=selected,
            result=f"$.{prefix}{kind}",
            then=then,
            failed=EVALUATION_FAILED,
        )

    state = f"Describe{prefix[0].upper()}{prefix[1:]}"
    return {
        f"{state}Endpoint": describe(
            "Endpoint",
            {"EndpointName": plan.names.endpoint},
            {"config.$": "$.EndpointConfigName"},
            f"{state}EndpointConfig",
        ),
        f"{state}EndpointConfig": describe(
            "EndpointConfig",
            {"EndpointConfigName.$": f"$.{prefix}Endpoint.config"},
            {"variant.$": "States.ArrayGetItem($.ProductionVariants, 0)"},
            f"{state}Model",
        ),
        f"{state}Model": describe(
            "Model",
            {"ModelName.$": f"$.{prefix}EndpointConfig.variant.ModelName"},
            {"data.$": "$.PrimaryContainer.ModelDataUrl"},
            then,
        ),
    }


def _comparison_job(plan: RetrainingPlan) -> Mapping[str, Any]:
    """SageMaker's CreateProcessingJob request: both models on the validation channel, in the training image.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
    """
    settings = plan.settings
    bucket = f"s3://{plan.bucket_name}"
    return {
        "ProcessingJobName.$": "$.run.name",
        "RoleArn": plan.evaluation_role_arn,
        "AppSpecification": {
            "ImageUri": plan.training["AlgorithmSpecification"]["TrainingImage"],
            "ContainerEntrypoint": ["python", "-m", "images.training.comparison"],
            "ContainerArguments": [
                *("--margin", str(settings.margin), "--tolerance", str(settings.tolerance)),
                *("--confidence", str(plan.endpoint.confidence_threshold), "--iou", str(plan.endpoint.iou_threshold)),
            ],
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": settings.evaluation_instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": settings.evaluation_volume_size_gb,
            }
        },
        "ProcessingInputs": [
            _processing_input("candidate", {"S3Uri.$": "$.training.ModelArtifacts.S3ModelArtifacts"}),
            _processing_input("deployed", {"S3Uri.$": "$.servedModel.data"}),
            _processing_input("validation", {"S3Uri": f"{bucket}/{VALIDATION_PREFIX}"}),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "comparison",
                    "S3Output": {
                        "S3Uri.$": formatted(f"{bucket}/{EVALUATIONS_PREFIX}{{}}", "$.run.name"),
                        "LocalPath": f"{_PROCESSING_FOLDER}/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": settings.evaluation_max_runtime_seconds},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "Tags": plan.request_tags,
    }


def _processing_input(name: str, uri: Mapping[str, str]) -> Mapping[str, Any]:
    source = {
        **uri,
        "LocalPath": f"{_PROCESSING_FOLDER}/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": source}


def _still_served() -> States:
    """Continues with the comparison if the endpoint still serves the compared model."""
    return {
        "IsServedStill": choice(
            {"Variable": "$.servedNowModel.data", "StringEqualsPath": "$.servedModel.data", "Next": "KeepComparison"},
            default="RefuseOldComparison",
        ),
        "RefuseOldComparison": failure(
            EVALUATION_FAILED,
            "OtherModelServed",
            formatted(
                "compared with {}, but the endpoint now serves {}: start another run",
                "$.servedModel.data",
                "$.servedNowModel.data",
            ),
        ),
        "KeepComparison": {
            "Type": "Pass",
            "Parameters": {"run.$": "$.run", "comparison.$": "$.comparison.read"},
            "Next": "IsBetter",
        },
    }


def _decision() -> States:
    better = "$.comparison.better"
    return {
        "IsBetter": choice(
            {
                "Not": {
                    "And": [
                        {"Variable": better, "IsPresent": True},
                        {"Variable": better, "IsBoolean": True},
                        {"Variable": REASON, "IsPresent": True},
                        {"Variable": REASON, "IsString": True},
                    ]
                },
                "Next": "RefuseComparison",
            },
            {"Variable": better, "BooleanEquals": True, "Next": "PublishComparison"},
            default=f"Notify{NOT_BETTER}",
        ),
        "RefuseComparison": failure(
            EVALUATION_FAILED,
            "ComparisonUnreadable",
            formatted(f"{_REPORT_KEY} must have better (true or false) and reason", "$.run.name"),
        ),
    }

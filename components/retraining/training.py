"""Training: the job, and the wait for its end."""

from collections.abc import Mapping
from typing import Any

from components.retraining.asl import States, formatted, without
from components.retraining.plan import TRAINING_FAILED, RetrainingPlan
from components.retraining.polling import AROUND_A_JOB_SECONDS, job


def training(plan: RetrainingPlan) -> States:
    return job(
        plan.names,
        "Training",
        start=_training_job(plan.training),
        api="TrainingJob",
        limit_seconds=plan.training_limit_seconds + AROUND_A_JOB_SECONDS,
        reasons={"TrainingBroke": "FailureReason"},
        then="DescribeServedEndpoint",
        failed=TRAINING_FAILED,
    )


def _training_job(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stage's CreateTrainingJob request with the values of the run."""
    return {
        **without(request, "HyperParameters"),
        "TrainingJobName.$": "$.run.name",
        # Merged with the stage's: an override may have only some of them.
        "HyperParameters.$": "States.JsonMerge($.defaults.hyperparameters, $.request.hyperparameters, false)",
        "ResourceConfig": {
            **without(request["ResourceConfig"], "InstanceType"),
            "InstanceType.$": "$.request.instanceType",
        },
        "StoppingCondition": {
            **without(request["StoppingCondition"], "MaxRuntimeInSeconds"),
            "MaxRuntimeInSeconds.$": "$.request.maxRuntimeSeconds",
        },
        # Every run has its own checkpoints, from which an interrupted job resumes.
        "CheckpointConfig": {
            **without(request["CheckpointConfig"], "S3Uri"),
            "S3Uri.$": formatted(f"{request['CheckpointConfig']['S3Uri']}{{}}/", "$.run.name"),
        },
    }

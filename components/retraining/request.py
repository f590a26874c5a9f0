"""The request of a run: its name, and the stage's training parameters with the execution's overrides."""

from collections.abc import Mapping
from typing import Any

from components.naming import RETRAINED_VERSION
from components.retraining.asl import State, States, choice, failure, formatted
from components.retraining.plan import REQUEST_REFUSED, RetrainingPlan

# SageMaker's minimum for a job's time limit is 1 s; an epoch takes longer than this.
_LEAST_RUNTIME_SECONDS = 60


def request(plan: RetrainingPlan) -> States:
    defaults = {
        "hyperparameters": plan.training["HyperParameters"],
        "instanceType": plan.training["ResourceConfig"]["InstanceType"],
        "maxRuntimeSeconds": plan.training["StoppingCondition"]["MaxRuntimeInSeconds"],
    }
    return {
        "Prepare": _prepare(plan, defaults),
        **_override(defaults),
        **_check(longest_seconds=defaults["maxRuntimeSeconds"]),
    }


def _prepare(plan: RetrainingPlan, defaults: Mapping[str, Any]) -> State:
    """Names the run after the second of its start."""
    time = [f"States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, '-T:.Z+'), {part})" for part in range(6)]
    form = f"{RETRAINED_VERSION}{{}}{{}}{{}}-{{}}{{}}{{}}"
    stage_prefix = plan.names.retrained.removesuffix(RETRAINED_VERSION)
    return {
        "Type": "Pass",
        "Parameters": {
            "run": {
                "name.$": formatted(stage_prefix + form, *time),
                "version.$": formatted(form, *time),
            },
            "defaults": defaults,
            "overrides.$": "$$.Execution.Input",
        },
        "Next": "HasOverrides",
    }


def _override(defaults: Mapping[str, Any]) -> States:
    return {
        # Only an object has a key, and only an object can be merged.
        "HasOverrides": choice(
            {"Or": [{"Variable": f"$.overrides.{key}", "IsPresent": True} for key in defaults], "Next": "Override"},
            default="UseDefaults",
        ),
        "Override": {
            "Type": "Pass",
            "Parameters": {
                "run.$": "$.run",
                "defaults.$": "$.defaults",
                "request.$": "States.JsonMerge($.defaults, $.overrides, false)",
            },
            "Next": "CheckRequest",
        },
        "UseDefaults": {"Type": "Pass", "InputPath": "$.defaults", "ResultPath": "$.request", "Next": "CheckRequest"},
    }


def _check(*, longest_seconds: int) -> States:
    runtime = "$.request.maxRuntimeSeconds"
    return {
        "CheckRequest": choice(
            {
                "And": [
                    {"Variable": "$.request.instanceType", "IsString": True},
                    {"Variable": runtime, "IsNumeric": True},
                    {"Variable": runtime, "NumericGreaterThanEquals": _LEAST_RUNTIME_SECONDS},
                    {"Variable": runtime, "NumericLessThanEquals": longest_seconds},
                ],
                "Next": "StartTraining",
            },
            default="RefuseRequest",
        ),
        "RefuseRequest": failure(
            REQUEST_REFUSED,
            "OverrideNotAllowed",
            f"instanceType must be a string, maxRuntimeSeconds a number from {_LEAST_RUNTIME_SECONDS} to "
            f"{longest_seconds}, which is training.maxRuntimeSeconds of the stage",
        ),
    }

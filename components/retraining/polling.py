"""Polling: waits for SageMaker in a loop of checks with a pause between them.

Jobs are created and polled instead of run with `createTrainingJob.sync`, so that every state runs in the tests, and the
role needs no EventBridge rule. But the loop adds to the event history, which Step Functions limits to 25,000 entries:
the pause between two checks grows with the time limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from components.naming import Names
from components.retraining.asl import State, States, any_of, choice, failure, formatted, task

# Time for SageMaker to find instances, fetch an image and upload results, in addition to the job's time limit.
AROUND_A_JOB_SECONDS = 7200
# An iteration adds 11 events to the 25,000 that an execution may have, and there are three loops:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_MOST_POLLS = 700
_LEAST_POLL_SECONDS = 30


@dataclass(frozen=True)
class WaitLimit:
    """The pause between two checks, and the number of checks."""

    poll_seconds: int
    polls: int

    @property
    def not_passed(self) -> Mapping[str, Any]:
        return {"Variable": "$.wait.polls", "NumericLessThan": self.polls}


def wait_limit(seconds: int) -> WaitLimit:
    poll_seconds = max(_LEAST_POLL_SECONDS, ceil(seconds / _MOST_POLLS))
    return WaitLimit(poll_seconds, ceil(seconds / poll_seconds))


def job(
    names: Names,
    step: str,
    *,
    start: Mapping[str, Any],
    api: str,
    limit_seconds: int,
    reasons: Mapping[str, str],
    then: str,
    failed: str,
) -> States:
    """Starts a SageMaker job and polls it until it has ended; stops it after the time limit.

    `reasons` are the fields of the description that may explain a failure, best first, each by the name of its state.
    """
    data = f"$.{step.lower()}"
    status = f"{data}.{api}Status"
    name = {f"{api}Name.$": "$.run.name"}
    limit = wait_limit(limit_seconds)
    describe = task(names, f"sagemaker:describe{api}", name, result=data, then=f"{step}Ended", failed=failed)
    create = task(
        names,
        f"sagemaker:create{api}",
        start,
        selected={"polls": 0},
        result="$.wait",
        then=f"Describe{step}",
        failed=failed,
    )
    # If the answer to a start is lost, the retry is refused, but the job may exist.
    for state in (create, describe):
        state["Catch"][0]["Next"] = f"Stop{step}"
    stop = task(names, f"sagemaker:stop{api}", name, then=f"Notify{failed}", failed=failed)
    # Report why the job is stopped, not that stopping failed.
    stop["Catch"][0]["ResultPath"] = None
    ended = any_of(status, "Failed", "Stopped")
    return {
        f"Start{step}": create,
        f"Describe{step}": describe,
        f"{step}Ended": choice(
            {"Variable": status, "StringEquals": "Completed", "Next": then},
            *(
                {"And": [ended, {"Variable": f"{data}.{field}", "IsPresent": True}], "Next": state}
                for state, field in reasons.items()
            ),
            {**ended, "Next": f"{step}Stopped"},
            {**limit.not_passed, "Next": f"WaitFor{step}"},
            default=f"{step}Overdue",
        ),
        f"WaitFor{step}": {"Type": "Wait", "Seconds": limit.poll_seconds, "Next": f"Count{step}Poll"},
        f"Count{step}Poll": count_poll(f"Describe{step}"),
        **{state: failure(failed, "JobFailed", f"{data}.{field}") for state, field in reasons.items()},
        f"{step}Stopped": failure(
            failed, "JobStopped", formatted(f"the {step.lower()} job was stopped or ran out of time: {{}}", status)
        ),
        f"{step}Overdue": failure(failed, "TimeLimitPassed", formatted(f"the {step.lower()} job is still {{}}", status))
        | {"Next": f"Stop{step}"},
        f"Stop{step}": stop,
    }


def count_poll(then: str) -> State:
    parameters = {"polls.$": "States.MathAdd($.wait.polls, 1)"}
    return {"Type": "Pass", "Parameters": parameters, "ResultPath": "$.wait", "Next": then}
